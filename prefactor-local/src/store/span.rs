//! Spans and their states.

use rusqlite::{OptionalExtension, Row, types::Type};
use serde_json::value::RawValue;

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    sensitive::Sensitive,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{AgentSpan, Control, Status},
    time::Time,
};

const SELECT: &str = "SELECT s.*, p.payload, p.result_payload, i.agent_id, i.agent_schema_version_id,
    (SELECT id FROM account) AS account_id,
    (SELECT t.title FROM span_type t
     WHERE t.agent_schema_version_id = i.agent_schema_version_id AND t.name = s.schema_name) AS schema_title
    FROM agent_span s JOIN agent_instance i ON i.id = s.agent_instance_id
    JOIN agent_span_payload p ON p.seq = s.seq";

impl Rows {
    pub(crate) const SPANS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent_span s JOIN agent_instance i ON i.id = s.agent_instance_id",
        fields: &[
            ("id", "s.id"),
            ("status", "s.status"),
            ("schema_name", "s.schema_name"),
            ("name", "s.schema_name"),
            ("title", "s.schema_name"),
            ("timestamp", "s.started_at"),
            ("last_seen", "s.updated_at"),
            ("started_at", "s.started_at"),
            ("finished_at", "s.finished_at"),
            ("inserted_at", "s.inserted_at"),
            ("updated_at", "s.updated_at"),
        ],
        id: "s.id",
    };
}

/// The fields of a span to create.
#[derive(Debug)]
pub(crate) struct NewSpan {
    pub(crate) id: Option<String>,
    pub(crate) agent_instance_id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) schema_name: String,
    pub(crate) status: Status,
    /// The text as it was sent; by default an empty object.
    pub(crate) payload: Option<Box<RawValue>>,
    pub(crate) result_payload: Option<Box<RawValue>>,
    pub(crate) sensitive_encoding: bool,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
}

/// The fields of a finish.
#[derive(Debug)]
pub(crate) struct SpanEnd {
    pub(crate) status: Status,
    pub(crate) at: Option<Time>,
    pub(crate) result_payload: Option<String>,
    pub(crate) sensitive_encoding: Option<bool>,
}

impl Reader<'_> {
    pub(crate) fn spans(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<AgentSpan>, Pagination), ErrorResponse> {
        self.list(&Rows::SPANS, filter, sorted, page, read)
    }

    pub(super) fn spans_of(&self, instance: &str) -> Result<Vec<AgentSpan>, ErrorResponse> {
        let select = [SELECT, " WHERE s.agent_instance_id = ?1 ORDER BY s.started_at, s.id"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        Ok(statement.query_map([instance], read)?.collect::<Result<_, _>>()?)
    }

    pub(super) fn span(&self, id: &str) -> Result<AgentSpan, ErrorResponse> {
        let (seq, ..) = self.span_state(id)?.ok_or_else(|| ErrorResponse::not_found("span"))?;
        self.span_at(seq)
    }

    /// Returns the spans of one run, or of all, that arrived after the one with the number `after`, in order.
    pub(super) fn spans_after(
        &self,
        run: Option<&str>,
        after: i64,
        most: u32,
    ) -> Result<Vec<AgentSpan>, ErrorResponse> {
        let of_run = if run.is_some() { " AND s.agent_instance_id = ?3" } else { " AND ?3 IS NULL" };
        let select = [SELECT, " WHERE s.seq > ?1", of_run, " ORDER BY s.seq LIMIT ?2"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        Ok(statement.query_map((after, most, run), read)?.collect::<Result<_, _>>()?)
    }

    pub(super) fn span_exists(&self, id: &str) -> Result<bool, ErrorResponse> {
        Ok(self.span_state(id)?.is_some())
    }

    pub(super) fn span_at(&self, seq: i64) -> Result<AgentSpan, ErrorResponse> {
        let select = [SELECT, " WHERE s.seq = ?1"].concat();
        let span = self.sql.prepare_cached(&select)?.query_row([seq], read).optional()?;
        span.ok_or_else(|| ErrorResponse::not_found("span"))
    }

    fn span_state(&self, id: &str) -> Result<Option<(i64, Status, String)>, ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT seq, status, agent_instance_id FROM agent_span WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
    }
}

impl Work<'_> {
    /// Creates a span in any state of its instance. Start and spans may overtake each other, and spans that arrive
    /// after the end belong to the run. A parent need not exist: the Python SDK names parents whose creation was
    /// refused, and a refusal of the children would lose the rest of the run.
    pub(crate) fn create_span(
        &mut self,
        new: NewSpan,
    ) -> Result<(AgentSpan, Option<Control>), ErrorResponse> {
        let id = self.new_id(new.id.as_deref())?;
        if new.id.is_some() && self.span_state(&id)?.is_some() {
            return Err(ErrorResponse::conflict("a span with this id exists"));
        }
        self.insert_span(id, new)
    }

    /// Adds a span under a new identifier.
    pub(super) fn insert_span(
        &mut self,
        id: String,
        mut new: NewSpan,
    ) -> Result<(AgentSpan, Option<Control>), ErrorResponse> {
        let run = self.run_of_span(&new.agent_instance_id, &new.schema_name)?;
        let now = Time::now();
        let (started_at, finished_at) = instants(&new, now);
        let mut payload = new.payload.take().map_or_else(|| raw("{}".to_owned()), Ok)?;
        let split = Sensitive::take(&mut payload, &mut new.result_payload, new.sensitive_encoding)?;
        let (text, result) = (payload.get(), new.result_payload.as_ref().map(|result| result.get()));
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO agent_span (id, agent_instance_id, parent_span_id, schema_name, status,
                 sensitive_encoding, started_at, finished_at, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        )?;
        insert.execute((
            &id,
            &new.agent_instance_id,
            &new.parent_span_id,
            &new.schema_name,
            new.status,
            new.sensitive_encoding,
            started_at,
            finished_at,
            now,
        ))?;
        let seq = self.sql.last_insert_rowid();
        self.sql
            .prepare_cached(
                "INSERT INTO agent_span_payload (seq, payload, result_payload) VALUES (?1, ?2, ?3)",
            )?
            .execute((seq, text, result))?;
        self.keep_sensitive(seq, split)?;
        self.count_span(&run, None, new.status, now)?;
        self.text_changed(seq)?;
        self.note_usage(&new.agent_instance_id, seq, text, result)?;
        self.note_loss(&new.agent_instance_id, &new.schema_name, text)?;
        if new.parent_span_id.is_none() {
            self.note_tags(&new.agent_instance_id, text)?;
        }
        self.changed(&new.agent_instance_id, Some(seq));
        let span = AgentSpan {
            seq,
            kind: "agent_span",
            id,
            account_id: self.account()?.id.clone(),
            agent_id: run.agent_id,
            agent_instance_id: new.agent_instance_id,
            parent_span_id: new.parent_span_id,
            schema_title: run.schema_title.unwrap_or_else(|| new.schema_name.clone()),
            purpose: purpose(&new.schema_name),
            schema_name: new.schema_name,
            status: new.status,
            payload_byte_size_estimate: text.len() + result.map_or(0, str::len),
            payload,
            result_payload: new.result_payload,
            sensitive_encoding: new.sensitive_encoding,
            summary: None,
            data_risk: None,
            risk_level: None,
            risk_score: None,
            started_at,
            finished_at,
            inserted_at: now,
            updated_at: now,
            checks: None,
            agent_schema_version_id: None,
        };
        Ok((span, run.control))
    }

    /// Finishes a span: `active` in any final status, `pending`, which has done nothing yet, as `cancelled` only.
    pub(crate) fn finish_span(
        &mut self,
        id: &str,
        mut end: SpanEnd,
    ) -> Result<(AgentSpan, Option<Control>), ErrorResponse> {
        let (seq, status, instance) = self.span_state(id)?.ok_or_else(|| ErrorResponse::not_found("span"))?;
        if status.is_terminal() {
            return Err(ErrorResponse::invalid_action("the span is already finished"));
        }
        if status == Status::Pending && end.status != Status::Cancelled {
            return Err(ErrorResponse::invalid_action("a pending span can only be finished as cancelled"));
        }
        let run = self.run_of_span(&instance, "")?;
        let now = Time::now();
        self.sql
            .prepare_cached(
                "UPDATE agent_span SET status = ?2, started_at = coalesce(started_at, ?3), finished_at = ?3,
                     sensitive_encoding = coalesce(?4, sensitive_encoding), updated_at = ?5
                 WHERE seq = ?1",
            )?
            .execute((seq, end.status, end.at.unwrap_or(now), end.sensitive_encoding, now))?;
        let is_marked = end.result_payload.as_ref().is_some_and(|result| result.contains("$sensitive"))
            && self
                .sql
                .prepare_cached("SELECT sensitive_encoding FROM agent_span WHERE seq = ?1")?
                .query_row([seq], |row| row.get(0))?;
        let split = Sensitive::take_result(&mut end.result_payload, is_marked);
        if let Some(result) = &end.result_payload {
            self.sql
                .prepare_cached("UPDATE agent_span_payload SET result_payload = ?2 WHERE seq = ?1")?
                .execute((seq, result))?;
            self.text_changed(seq)?;
            self.note_usage_of_result(&instance, seq, result)?;
        }
        self.keep_sensitive(seq, split)?;
        self.count_span(&run, Some(status), end.status, now)?;
        self.changed(&instance, Some(seq));
        Ok((self.span_at(seq)?, run.control))
    }

    /// Returns the data of a run that its new span needs; an error if there is no such run.
    fn run_of_span(&self, instance: &str, schema_name: &str) -> Result<RunOfSpan, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT i.rowid, i.agent_id, i.status, i.termination_reason, i.ended_by_silence,
                 i.silent_since IS NOT NULL,
                 (SELECT t.title FROM span_type t
                  WHERE t.agent_schema_version_id = i.agent_schema_version_id AND t.name = ?2)
             FROM agent_instance i WHERE i.id = ?1",
        )?;
        let run = statement.query_row((instance, schema_name), |row| {
            let is_terminated = row.get::<_, Status>(2)? == Status::Terminated;
            let reason = row.get(3)?;
            Ok(RunOfSpan {
                row: row.get(0)?,
                agent_id: row.get(1)?,
                control: is_terminated.then_some(Control { terminate: true, reason }),
                was_silent: row.get::<_, bool>(4)? || row.get::<_, bool>(5)?,
                schema_title: row.get(6)?,
            })
        });
        run.optional()?.ok_or_else(|| ErrorResponse::not_found("agent instance"))
    }

    /// Counts a span in its run: a new one, or one that leaves the status `from`. A run that was ended for its silence
    /// is reopened by a statement of its own, because that changes indexes.
    fn count_span(
        &self,
        run: &RunOfSpan,
        from: Option<Status>,
        to: Status,
        now: Time,
    ) -> Result<(), ErrorResponse> {
        let difference = |status| i64::from(to == status) - i64::from(from == Some(status));
        self.sql
            .prepare_cached(
                "UPDATE agent_instance SET spans_pending = spans_pending + ?2,
                     spans_active = spans_active + ?3, spans_complete = spans_complete + ?4,
                     spans_failed = spans_failed + ?5, spans_cancelled = spans_cancelled + ?6, last_span_at = ?7
                 WHERE rowid = ?1",
            )?
            .execute((
                run.row,
                difference(Status::Pending),
                difference(Status::Active),
                difference(Status::Complete),
                difference(Status::Failed),
                difference(Status::Cancelled),
                now,
            ))?;
        if run.was_silent {
            self.sql
                .prepare_cached(
                    "UPDATE agent_instance SET status = iif(ended_by_silence, 'active', status),
                         finished_at = iif(ended_by_silence, NULL, finished_at), ended_by_silence = 0, silent_since = NULL
                     WHERE rowid = ?1",
                )?
                .execute([run.row])?;
        }
        Ok(())
    }
}

/// The data of a run that one of its spans needs.
struct RunOfSpan {
    /// Its `rowid`.
    row: i64,
    agent_id: String,
    /// The schema of the span's type.
    schema_title: Option<String>,
    /// The control signal for its agent.
    control: Option<Control>,
    /// Whether it was marked, or ended, for its silence.
    was_silent: bool,
}

/// The kind of a span that the SDK made and not the program.
fn purpose(schema_name: &str) -> &'static str {
    match schema_name {
        "prefactor:quality" => "quality",
        "prefactor:alert" => "alert",
        _ => "activity",
    }
}

/// Returns start and end of a new span: neither while pending, no end while active, and an end only with a start.
fn instants(new: &NewSpan, now: Time) -> (Option<Time>, Option<Time>) {
    let started_at = new.started_at;
    match new.status {
        Status::Pending => (None, None),
        Status::Active => (started_at.or(Some(now)), None),
        _ => {
            let finished_at = new.finished_at.unwrap_or(now);
            (started_at.or(Some(finished_at)), Some(finished_at))
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AgentSpan> {
    let schema_name: String = row.get("schema_name")?;
    let title: Option<String> = row.get("schema_title")?;
    let (payload, result): (String, Option<String>) = (row.get("payload")?, row.get("result_payload")?);
    Ok(AgentSpan {
        seq: row.get("seq")?,
        kind: "agent_span",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        agent_id: row.get("agent_id")?,
        agent_instance_id: row.get("agent_instance_id")?,
        parent_span_id: row.get("parent_span_id")?,
        schema_title: title.unwrap_or_else(|| schema_name.clone()),
        schema_name,
        status: row.get("status")?,
        purpose: row.get_ref("schema_name")?.as_str().map(purpose)?,
        payload_byte_size_estimate: payload.len() + result.as_ref().map_or(0, String::len),
        payload: raw(payload)?,
        result_payload: result.map(raw).transpose()?,
        sensitive_encoding: row.get("sensitive_encoding")?,
        summary: None,
        data_risk: None,
        risk_level: None,
        risk_score: None,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
        checks: None,
        agent_schema_version_id: row.get("agent_schema_version_id")?,
    })
}

fn raw(json: String) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
