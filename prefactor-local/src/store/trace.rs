//! What the page shows: runs in short, and the spans of one run without their payloads.
//!
//! Payloads are left out because the page asks every second; it fetches those of the chosen span alone.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::{instance, work::Reader};
use crate::{
    error_response::ErrorResponse,
    model::{SpanCounts, Status},
    time::Time,
};

const RUNS: &str = "SELECT i.*, a.name AS agent_name FROM agent_instance i JOIN agent a ON a.id = i.agent_id";

/// A row in the page's list of runs.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    id: String,
    agent_name: String,
    status: Status,
    termination_reason: Option<String>,
    inserted_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    span_counts: SpanCounts,
}

/// One run and its spans, oldest first.
#[derive(Debug, Serialize)]
pub(crate) struct Trace {
    run: Run,
    spans: Vec<Bar>,
    /// The server's clock: how long an open span has lasted does not depend on the browser's.
    now: Time,
}

/// A span without its payloads.
#[derive(Debug, Serialize)]
pub(crate) struct Bar {
    id: String,
    parent_span_id: Option<String>,
    schema_name: String,
    schema_title: Option<String>,
    status: Status,
    inserted_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    updated_at: Time,
}

/// The payloads of one span as JSON text inside of JSON strings: a browser that parsed them would round
/// large numbers and reorder keys.
#[derive(Debug, Serialize)]
pub(crate) struct Payloads {
    payload: String,
    result_payload: Option<String>,
}

impl Reader<'_> {
    /// The newest runs, newest first.
    pub(crate) fn runs(&self, most: u32) -> Result<Vec<Run>, ErrorResponse> {
        let select = [RUNS, " ORDER BY i.id DESC LIMIT ?1"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        let runs = statement.query_map([most], read_run)?.collect::<Result<_, _>>()?;
        Ok(runs)
    }

    pub(crate) fn trace(&self, id: &str, most: u32) -> Result<Trace, ErrorResponse> {
        let select = [RUNS, " WHERE i.id = ?1"].concat();
        let run = self.sql.prepare_cached(&select)?.query_row([id], read_run).optional()?;
        let run = run.ok_or_else(|| ErrorResponse::not_found("run"))?;
        let mut statement = self.sql.prepare_cached(
            "SELECT s.id, s.parent_span_id, s.schema_name, s.status, s.inserted_at, s.started_at, s.finished_at,
                 s.updated_at, t.title
             FROM agent_span s JOIN agent_instance i ON i.id = s.agent_instance_id
             LEFT JOIN span_type t
                 ON t.agent_schema_version_id = i.agent_schema_version_id AND t.name = s.schema_name
             WHERE s.agent_instance_id = ?1
             ORDER BY coalesce(s.started_at, s.inserted_at), s.id LIMIT ?2",
        )?;
        let spans = statement.query_map((id, most), read_bar)?.collect::<Result<_, _>>()?;
        Ok(Trace { run, spans, now: Time::now() })
    }

    pub(crate) fn payloads(&self, id: &str) -> Result<Payloads, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT t.payload, t.result_payload FROM agent_span s JOIN agent_span_payload t ON t.seq = s.seq
             WHERE s.id = ?1",
        )?;
        let payloads = statement
            .query_row([id], |row| Ok(Payloads { payload: row.get(0)?, result_payload: row.get(1)? }))
            .optional()?;
        payloads.ok_or_else(|| ErrorResponse::not_found("span"))
    }
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        agent_name: row.get("agent_name")?,
        status: row.get("status")?,
        termination_reason: row.get("termination_reason")?,
        inserted_at: row.get("inserted_at")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        span_counts: instance::read_span_counts(row)?,
    })
}

fn read_bar(row: &Row<'_>) -> rusqlite::Result<Bar> {
    Ok(Bar {
        id: row.get("id")?,
        parent_span_id: row.get("parent_span_id")?,
        schema_name: row.get("schema_name")?,
        schema_title: row.get("title")?,
        status: row.get("status")?,
        inserted_at: row.get("inserted_at")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        updated_at: row.get("updated_at")?,
    })
}
