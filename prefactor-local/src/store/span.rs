//! Spans and their states.

use rusqlite::{OptionalExtension, Row, types::Type};
use serde_json::value::RawValue;

use super::{Filter, Page, Pagination, Rows, Sorted, Work};
use crate::{
    error_response::ErrorResponse,
    model::{AgentSpan, Status},
    time::Time,
};

const SELECT: &str = "SELECT s.*, i.agent_id, i.purpose, (SELECT id FROM account) AS account_id,
    (SELECT t.title FROM span_type t
     WHERE t.agent_schema_version_id = i.agent_schema_version_id AND t.name = s.schema_name) AS schema_title
    FROM agent_span s JOIN agent_instance i ON i.id = s.agent_instance_id";

impl Rows {
    pub(crate) const SPANS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent_span s JOIN agent_instance i ON i.id = s.agent_instance_id",
        fields: &[
            ("id", "s.id"),
            ("status", "s.status"),
            ("schema_name", "s.schema_name"),
            ("started_at", "s.started_at"),
            ("finished_at", "s.finished_at"),
            ("inserted_at", "s.inserted_at"),
            ("updated_at", "s.updated_at"),
        ],
        id: "s.id",
    };
}

/// A span that a client asks to create.
#[derive(Debug)]
pub(crate) struct NewSpan {
    pub(crate) id: Option<String>,
    pub(crate) agent_instance_id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) schema_name: String,
    pub(crate) status: Status,
    /// JSON text, kept as it was sent.
    pub(crate) payload: String,
    pub(crate) result_payload: Option<String>,
    pub(crate) sensitive_encoding: bool,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
}

/// How a client says that a span ended.
#[derive(Debug)]
pub(crate) struct SpanEnd {
    pub(crate) status: Status,
    pub(crate) at: Option<Time>,
    pub(crate) result_payload: Option<String>,
    pub(crate) sensitive_encoding: Option<bool>,
}

impl Work<'_> {
    pub(crate) fn spans(
        &mut self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<AgentSpan>, Pagination), ErrorResponse> {
        self.list(&Rows::SPANS, filter, sorted, page, read)
    }

    /// Creates a span in any state of its instance: start and spans may overtake each other, and what
    /// arrives after the end still belongs to the run.
    pub(crate) fn create_span(&mut self, new: &NewSpan) -> Result<AgentSpan, ErrorResponse> {
        self.instance_exists(&new.agent_instance_id)?;
        if let Some(parent) = &new.parent_span_id {
            self.parent_exists(&new.agent_instance_id, parent)?;
        }
        let id = self.new_id(new.id.as_deref())?;
        if self.span_status(&id)?.is_some() {
            return Err(ErrorResponse::conflict("a span with this id exists"));
        }
        let now = Time::now();
        let (started_at, finished_at) = instants(new, &now);
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO agent_span (id, agent_instance_id, parent_span_id, schema_name, status, payload,
                 result_payload, sensitive_encoding, started_at, finished_at, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
        )?;
        insert.execute((
            &id,
            &new.agent_instance_id,
            &new.parent_span_id,
            &new.schema_name,
            new.status,
            &new.payload,
            &new.result_payload,
            new.sensitive_encoding,
            started_at,
            finished_at,
            &now,
        ))?;
        drop(insert);
        self.span(&id)
    }

    /// `active` to any end; `pending`, which has done nothing yet, to `cancelled` only.
    pub(crate) fn finish_span(&mut self, id: &str, end: &SpanEnd) -> Result<AgentSpan, ErrorResponse> {
        let status = self.span_status(id)?.ok_or_else(|| ErrorResponse::not_found("span"))?;
        if status.is_terminal() {
            return Err(ErrorResponse::invalid_action("the span is already finished"));
        }
        if status == Status::Pending && end.status != Status::Cancelled {
            return Err(ErrorResponse::invalid_action("a pending span can only be finished as cancelled"));
        }
        let now = Time::now();
        let mut update = self.sql.prepare_cached(
            "UPDATE agent_span SET status = ?2, started_at = coalesce(started_at, ?3), finished_at = ?3,
                 result_payload = coalesce(?4, result_payload),
                 sensitive_encoding = coalesce(?5, sensitive_encoding), updated_at = ?6
             WHERE id = ?1",
        )?;
        let at = end.at.as_ref().unwrap_or(&now);
        update.execute((id, end.status, at, &end.result_payload, end.sensitive_encoding, &now))?;
        drop(update);
        self.span(id)
    }

    fn span(&mut self, id: &str) -> Result<AgentSpan, ErrorResponse> {
        let select = [SELECT, " WHERE s.id = ?1"].concat();
        let span = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        span.ok_or_else(|| ErrorResponse::not_found("span"))
    }

    fn span_status(&mut self, id: &str) -> Result<Option<Status>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached("SELECT status FROM agent_span WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    fn instance_exists(&mut self, id: &str) -> Result<(), ErrorResponse> {
        let mut statement = self.sql.prepare_cached("SELECT 1 FROM agent_instance WHERE id = ?1")?;
        if statement.exists([id])? { Ok(()) } else { Err(ErrorResponse::not_found("agent instance")) }
    }

    fn parent_exists(&mut self, instance: &str, parent: &str) -> Result<(), ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT 1 FROM agent_span WHERE id = ?1 AND agent_instance_id = ?2")?;
        if statement.exists([parent, instance])? {
            Ok(())
        } else {
            Err(ErrorResponse::invalid("parent_span_id", "does not exist in this agent instance"))
        }
    }
}

/// When a new span started and finished: nothing while pending, no end while active, and never a hole.
fn instants(new: &NewSpan, now: &Time) -> (Option<Time>, Option<Time>) {
    let started_at = new.started_at.clone();
    match new.status {
        Status::Pending => (None, None),
        Status::Active => (started_at.or_else(|| Some(now.clone())), None),
        _ => {
            let finished_at = new.finished_at.as_ref().unwrap_or(now).clone();
            (started_at.or_else(|| Some(finished_at.clone())), Some(finished_at))
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AgentSpan> {
    let schema_name: String = row.get("schema_name")?;
    let title: Option<String> = row.get("schema_title")?;
    let (payload, result): (String, Option<String>) = (row.get("payload")?, row.get("result_payload")?);
    Ok(AgentSpan {
        kind: "agent_span",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        agent_id: row.get("agent_id")?,
        agent_instance_id: row.get("agent_instance_id")?,
        parent_span_id: row.get("parent_span_id")?,
        schema_title: title.unwrap_or_else(|| schema_name.clone()),
        schema_name,
        status: row.get("status")?,
        purpose: row.get("purpose")?,
        payload_byte_size_estimate: payload.len() + result.as_ref().map_or(0, String::len),
        payload: raw(payload)?,
        result_payload: result.map(raw).transpose()?,
        sensitive_encoding: row.get("sensitive_encoding")?,
        summary: None,
        risk_level: None,
        risk_score: None,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn raw(json: String) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
