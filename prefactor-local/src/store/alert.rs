//! Alerts that agents raise about their runs.

use rusqlite::{OptionalExtension, Row, types::Type};
use serde_json::{Value, value::RawValue};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    work::{Reader, Work},
};
use crate::{error_response::ErrorResponse, model::Alert, schema::render, sensitive, time::Time};

impl Rows {
    pub(crate) const ALERTS: Self = Self {
        select: "SELECT l.*, i.agent_id, d.environment_id, (SELECT id FROM account) AS account_id,
                i.agent_schema_version_id
            FROM alert l JOIN agent_instance i ON i.id = l.agent_instance_id
            JOIN agent_deployment d ON d.id = i.agent_deployment_id",
        count: "SELECT count(*) FROM alert l JOIN agent_instance i ON i.id = l.agent_instance_id
            JOIN agent_deployment d ON d.id = i.agent_deployment_id",
        fields: &[
            ("id", "l.id"),
            ("name", "l.name"),
            ("title", "l.name"),
            ("status", "l.status"),
            ("severity", "l.severity"),
            ("timestamp", "l.raised_at"),
            ("raised_at", "l.raised_at"),
            ("cleared_at", "l.cleared_at"),
            ("inserted_at", "l.inserted_at"),
            ("updated_at", "l.updated_at"),
        ],
        id: "l.id",
    };
}

/// The fields of an alert to raise.
#[derive(Debug)]
pub(crate) struct NewAlert {
    pub(crate) agent_instance_id: String,
    pub(crate) name: String,
    pub(crate) severity: &'static str,
    /// JSON text, kept as it was sent.
    pub(crate) payload: String,
    pub(crate) payload_sensitive_encoding: bool,
    pub(crate) raised_at: Option<Time>,
}

/// The members of an alert that a client clears it with. Those that it leaves out stay.
#[derive(Debug)]
pub(crate) struct AlertEnd {
    pub(crate) severity: Option<&'static str>,
    /// JSON text, kept as it was sent.
    pub(crate) payload: Option<String>,
    pub(crate) payload_sensitive_encoding: bool,
    pub(crate) cleared_at: Option<Time>,
}

/// The payload as it is stored: the part that is shown, and the values that are kept apart.
fn split(payload: &str, is_sensitive: bool) -> sensitive::Split {
    if is_sensitive {
        sensitive::split(payload)
    } else {
        sensitive::Split { redacted: payload.to_owned(), values: None }
    }
}

impl Reader<'_> {
    pub(crate) fn alerts(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Alert>, Pagination), ErrorResponse> {
        let (rows, pagination) = self.list(&Rows::ALERTS, filter, sorted, page, read)?;
        let alerts = rows.into_iter().map(|(alert, schema)| self.titled(alert, schema.as_deref()));
        Ok((alerts.collect::<Result<_, _>>()?, pagination))
    }

    pub(crate) fn alert(&self, id: &str) -> Result<Alert, ErrorResponse> {
        let select = [Rows::ALERTS.select, " WHERE l.id = ?1"].concat();
        let alert = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        let (alert, schema) = alert.ok_or_else(|| ErrorResponse::not_found("alert"))?;
        self.titled(alert, schema.as_deref())
    }

    /// Returns the alert with title and summary by the declaration of its schema version.
    fn titled(&self, mut alert: Alert, schema: Option<&str>) -> Result<Alert, ErrorResponse> {
        let Some(declared) = schema.map(|id| self.declared(id)).transpose()? else { return Ok(alert) };
        if let Some(declared) = declared.alert_schemas.get(&alert.name) {
            alert.title.clone_from(&declared.title);
            let payload = serde_json::from_str::<Value>(alert.payload.get())?;
            alert.summary = declared.template.as_ref().and_then(|template| render(template, &payload, None));
        }
        Ok(alert)
    }

    /// Counts the raised alerts.
    pub(crate) fn count_raised_alerts(&self, filter: Filter) -> Result<u32, ErrorResponse> {
        self.count(&Rows::ALERTS, &filter.and("l.status = ?", Some("raised".to_owned())))
    }

    /// Returns the raised alert of this name.
    fn raised_alert(&self, instance: &str, name: &str) -> Result<Option<String>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id FROM alert WHERE agent_instance_id = ?1 AND name = ?2 AND status = 'raised'",
        )?;
        Ok(statement.query_row((instance, name), |row| row.get(0)).optional()?)
    }
}

impl Work<'_> {
    /// Raises an alert. One that is raised already takes the new severity and payload as its next version.
    pub(crate) fn raise_alert(&mut self, new: &NewAlert) -> Result<Alert, ErrorResponse> {
        self.instance_exists(&new.agent_instance_id)?;
        let now = Time::now();
        let split = split(&new.payload, new.payload_sensitive_encoding);
        if let Some(id) = self.raised_alert(&new.agent_instance_id, &new.name)? {
            let mut update = self.sql.prepare_cached(
                "UPDATE alert SET severity = ?2, payload = ?3, sensitive = ?4, payload_sensitive_encoding = ?5,
                     version = version + 1, updated_at = ?6 WHERE id = ?1",
            )?;
            let flag = new.payload_sensitive_encoding;
            update.execute((&id, new.severity, &split.redacted, &split.values, flag, now))?;
            drop(update);
            return self.alert(&id);
        }
        let id = self.new_id(None)?;
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO alert (id, agent_instance_id, name, severity, status, payload, sensitive,
                 payload_sensitive_encoding, version, raised_at, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, 'raised', ?5, ?6, ?7, 1, ?8, ?9, ?9)",
        )?;
        insert.execute((
            &id,
            &new.agent_instance_id,
            &new.name,
            new.severity,
            &split.redacted,
            &split.values,
            new.payload_sensitive_encoding,
            new.raised_at.unwrap_or(now),
            now,
        ))?;
        drop(insert);
        self.changed(&new.agent_instance_id, None);
        self.alert(&id)
    }

    pub(crate) fn clear_alert(
        &mut self,
        instance: &str,
        name: &str,
        end: &AlertEnd,
    ) -> Result<Alert, ErrorResponse> {
        self.instance_exists(instance)?;
        let Some(id) = self.raised_alert(instance, name)? else {
            return Err(ErrorResponse::invalid_action("no alert of this name is raised"));
        };
        let now = Time::now();
        if let Some(payload) = &end.payload {
            let (flag, split) =
                (end.payload_sensitive_encoding, split(payload, end.payload_sensitive_encoding));
            self.sql
                .prepare_cached(
                    "UPDATE alert SET payload = ?2, sensitive = ?3, payload_sensitive_encoding = ?4 WHERE id = ?1",
                )?
                .execute((&id, &split.redacted, &split.values, flag))?;
        }
        self.sql
            .prepare_cached(
                "UPDATE alert SET status = 'cleared', severity = coalesce(?2, severity), cleared_at = ?3,
                     version = version + 1, updated_at = ?4 WHERE id = ?1",
            )?
            .execute((&id, end.severity, end.cleared_at.unwrap_or(now), now))?;
        self.changed(instance, None);
        self.alert(&id)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Alert, Option<String>)> {
    let (name, payload): (String, String) = (row.get("name")?, row.get("payload")?);
    let alert = Alert {
        kind: "alert",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        agent_id: row.get("agent_id")?,
        agent_instance_id: row.get("agent_instance_id")?,
        environment_id: row.get("environment_id")?,
        title: name.clone(),
        name,
        summary: None,
        severity: row.get("severity")?,
        status: row.get("status")?,
        payload: RawValue::from_string(payload)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?,
        payload_sensitive_encoding: row.get("payload_sensitive_encoding")?,
        version: row.get("version")?,
        raised_at: row.get("raised_at")?,
        cleared_at: row.get("cleared_at")?,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
    };
    Ok((alert, row.get("agent_schema_version_id")?))
}
