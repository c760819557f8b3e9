//! The quality of a run: findings of people and programs, by name.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use super::work::{Reader, Work};
use crate::{
    error_response::ErrorResponse,
    model::{AgentInstance, QualityRecords},
    schema::{Declared, NAMELESS_QUALITY, render},
    time::Time,
};

impl Reader<'_> {
    /// Returns the quality of an instance, with the summaries of its schema version's templates.
    pub(super) fn quality(
        &self,
        instance: &str,
        declared: Option<&Declared>,
    ) -> Result<QualityRecords, ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT name, payload FROM quality WHERE agent_instance_id = ?1")?;
        let rows = statement.query_map([instance], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut payloads: BTreeMap<String, Box<RawValue>> = BTreeMap::new();
        let mut summaries = BTreeMap::new();
        for row in rows {
            let (name, payload): (String, String) = row?;
            let template = declared
                .and_then(|declared| declared.quality_schemas.get(&name))
                .and_then(|quality| quality.template.as_deref());
            if let Some(template) = template
                && let Ok(payload) = serde_json::from_str::<Value>(&payload)
                && let Some(summary) = render(template, &payload, None)
            {
                summaries.insert(name.clone(), summary);
            }
            payloads.insert(name, RawValue::from_string(payload)?);
        }
        // Older readers know one unnamed payload: that of the nameless schema, or the only one.
        let single = match payloads.len() {
            1 => payloads.keys().next().cloned(),
            _ => Some(NAMELESS_QUALITY.to_owned()),
        };
        let quality_payload = single.as_ref().and_then(|name| payloads.get(name)).cloned();
        let quality_summary = single.as_ref().and_then(|name| summaries.get(name)).cloned();
        Ok(QualityRecords {
            quality_payload,
            quality_summary,
            quality_payloads: payloads,
            quality_summaries: summaries,
        })
    }
}

impl Work<'_> {
    /// Sets one named payload of an instance in any state, or removes it. The name must be declared.
    pub(crate) fn record_quality(
        &mut self,
        instance: &str,
        name: Option<&str>,
        payload: Option<&str>,
    ) -> Result<AgentInstance, ErrorResponse> {
        let declared = self.declared_of(instance)?;
        let known = declared.as_ref().map(|declared| &declared.quality_schemas);
        let name = match (name, known) {
            (Some(name), _) => name,
            (None, Some(known)) if known.len() == 1 => {
                known.keys().next().map_or(NAMELESS_QUALITY, String::as_str)
            }
            (None, _) => NAMELESS_QUALITY,
        };
        if !known.is_some_and(|known| known.contains_key(name)) {
            let problem =
                ["\"", name, "\" must be one of the quality_schemas of the run's schema version"].concat();
            return Err(ErrorResponse::invalid("name", problem));
        }
        self.set_quality(instance, name, payload)
    }

    /// Replaces the payload without a name, which older clients write and which need not be declared.
    pub(crate) fn replace_quality(
        &mut self,
        instance: &str,
        payload: Option<&str>,
    ) -> Result<AgentInstance, ErrorResponse> {
        let declared = self.declared_of(instance)?;
        let only =
            declared.as_ref().map(|declared| &declared.quality_schemas).filter(|known| known.len() == 1);
        let name = only.and_then(|known| known.keys().next()).map_or(NAMELESS_QUALITY, String::as_str);
        self.set_quality(instance, name, payload)
    }

    fn set_quality(
        &mut self,
        instance: &str,
        name: &str,
        payload: Option<&str>,
    ) -> Result<AgentInstance, ErrorResponse> {
        let now = Time::now();
        match payload {
            Some(payload) => {
                let mut insert = self.sql.prepare_cached(
                    "INSERT OR REPLACE INTO quality (agent_instance_id, name, payload, inserted_at) VALUES (?1, ?2, ?3, ?4)",
                )?;
                insert.execute((instance, name, payload, now))?;
            }
            None => {
                let mut delete = self
                    .sql
                    .prepare_cached("DELETE FROM quality WHERE agent_instance_id = ?1 AND name = ?2")?;
                delete.execute((instance, name))?;
            }
        }
        self.sql
            .prepare_cached("UPDATE agent_instance SET updated_at = ?2 WHERE id = ?1")?
            .execute((instance, now))?;
        self.changed(instance, None);
        self.changed_instance(instance)
    }
}
