//! Computes the parts of a run that are shown and not stored: quality, counts, tokens, risk.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::OptionalExtension;

use super::{
    list::Filter,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{AgentInstance, InstanceDetail, SchemaCounts},
    schema::{Declared, RiskScore, Ruleset},
};

impl Reader<'_> {
    /// Returns a parsed schema version.
    pub(super) fn declared(&self, id: &str) -> Result<Arc<Declared>, ErrorResponse> {
        Declared::cached(id, || {
            let mut statement =
                self.sql.prepare_cached("SELECT content FROM agent_schema_version WHERE id = ?1")?;
            Ok(statement.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
        })
    }

    /// Returns the schema version of an instance; an error if there is no such instance.
    pub(super) fn declared_of(&self, instance: &str) -> Result<Option<Arc<Declared>>, ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT agent_schema_version_id FROM agent_instance WHERE id = ?1")?;
        let id: Option<Option<String>> = statement.query_row([instance], |row| row.get(0)).optional()?;
        let id = id.ok_or_else(|| ErrorResponse::not_found("agent instance"))?;
        id.map(|id| self.declared(&id)).transpose()
    }

    /// Returns the rules for an agent's risk; `None` without a risk profile.
    pub(super) fn ruleset(&self, agent: &str) -> Result<Option<Ruleset>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT r.content -> 'ruleset' FROM agent a JOIN record r ON r.id = a.risk_profile_id WHERE a.id = ?1",
        )?;
        let rules: Option<Option<String>> = statement.query_row([agent], |row| row.get(0)).optional()?;
        let Some(rules) = rules else { return Ok(None) };
        Ok(Some(Ruleset::new(
            rules.map(|rules| serde_json::from_str(&rules)).transpose()?.unwrap_or_default(),
        )))
    }

    /// Returns an instance with all its computed parts.
    pub(crate) fn instance_in_detail(&self, id: &str) -> Result<AgentInstance, ErrorResponse> {
        let mut instance = self.instance(id)?;
        let declared = self.declared_of(id)?;
        let by_name = self.schema_counts(id)?;
        let risk_score = match (self.ruleset(&instance.agent_id)?, &declared) {
            (Some(rules), Some(declared)) => Some(rules.roll_up(&by_name, &declared.span_type_schemas)),
            _ => None,
        };
        let raised =
            self.count_raised_alerts(Filter::default().and("l.agent_instance_id = ?", Some(id.to_owned())))?;
        instance.detail = Some(InstanceDetail {
            quality: self.quality(id, declared.as_deref())?,
            span_schema_counts: Some(SchemaCounts { by_name }),
            raised_alert_count: Some(raised),
            cost_breakdown: Some(self.costs(id)?),
            risk_score,
        });
        Ok(instance)
    }

    /// Returns the risk of all runs of an agent together, each by its own schema version.
    pub(crate) fn risk_roll_up(&self, agent: &str) -> Result<Option<RiskScore>, ErrorResponse> {
        let Some(rules) = self.ruleset(agent)? else { return Ok(None) };
        let mut statement = self.sql.prepare_cached(
            "SELECT i.agent_schema_version_id, s.schema_name, count(*) FROM agent_instance i
             JOIN agent_span s ON s.agent_instance_id = i.id WHERE i.agent_id = ?1 GROUP BY 1, 2 ORDER BY 1",
        )?;
        let rows = statement.query_map([agent], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (mut counts, mut types) = (BTreeMap::new(), BTreeMap::new());
        for row in rows {
            let (schema, name, count): (Option<String>, String, i64) = row?;
            if let Some(schema) = schema
                && let Some(declared) = self.declared(&schema)?.span_type_schemas.get(&name)
            {
                types.insert(name.clone(), declared.clone());
            }
            *counts.entry(name).or_default() += count;
        }
        Ok(Some(rules.roll_up(&counts, &types)))
    }

    fn schema_counts(&self, id: &str) -> Result<BTreeMap<String, i64>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT schema_name, count(*) FROM agent_span WHERE agent_instance_id = ?1 GROUP BY schema_name",
        )?;
        let counts = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.collect::<Result<_, _>>()?)
    }
}

impl Work<'_> {
    /// Returns an instance for the answer to a change: with its quality, without parts that read every span.
    pub(super) fn changed_instance(&self, id: &str) -> Result<AgentInstance, ErrorResponse> {
        let mut instance = self.instance(id)?;
        let declared = self.declared_of(id)?;
        instance.detail = Some(InstanceDetail {
            quality: self.quality(id, declared.as_deref())?,
            span_schema_counts: None,
            raised_alert_count: None,
            cost_breakdown: None,
            risk_score: None,
        });
        Ok(instance)
    }
}
