//! Runs and spans as JSON Lines, written for an export and read for an import.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    span::NewSpan,
    version::{AgentVersion, SchemaVersion},
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{AgentInstance, Status},
    time::Time,
};

/// A run with its registration.
#[derive(Serialize)]
struct RunLine {
    #[serde(flatten)]
    instance: AgentInstance,
    agent: AgentOfRun,
    agent_version: Box<RawValue>,
    agent_schema_version: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct AgentOfRun {
    id: String,
    name: String,
}

/// A run as its line describes it.
#[derive(Debug)]
pub(crate) struct ImportedRun {
    pub(crate) id: String,
    pub(crate) agent_id: Option<String>,
    pub(crate) version: AgentVersion,
    pub(crate) schema: Option<SchemaVersion>,
    pub(crate) purpose: &'static str,
    pub(crate) status: Status,
    pub(crate) external_identifier: Option<String>,
    pub(crate) termination_reason: Option<String>,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
}

impl Reader<'_> {
    /// Returns the line of a run, without a line break.
    pub(crate) fn run_line(&self, id: &str) -> Result<String, ErrorResponse> {
        let instance = self.instance(id)?;
        let mut statement = self.sql.prepare_cached(
            "SELECT a.id, a.name, v.content, s.content FROM agent_instance i
             JOIN agent a ON a.id = i.agent_id JOIN agent_version v ON v.id = i.agent_version_id
             LEFT JOIN agent_schema_version s ON s.id = i.agent_schema_version_id WHERE i.id = ?1",
        )?;
        let (agent_id, name, version, schema) = statement.query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<String>>(3)?))
        })?;
        Ok(serde_json::to_string(&RunLine {
            instance,
            agent: AgentOfRun { id: agent_id, name },
            agent_version: RawValue::from_string(version)?,
            agent_schema_version: schema.map(RawValue::from_string).transpose()?,
        })?)
    }

    /// Returns the lines of spans that arrived after number `after`, and the number of the last where more may follow.
    pub(crate) fn span_lines(
        &self,
        run: Option<&str>,
        after: i64,
        most: u32,
    ) -> Result<(String, Option<i64>), ErrorResponse> {
        let spans = self.spans_after(run, after, most)?;
        let mut lines = String::new();
        for span in &spans {
            lines.push_str(&serde_json::to_string(span)?);
            lines.push('\n');
        }
        Ok((lines, spans.last().map(|span| span.seq)))
    }

    /// Returns the number of the span that arrived last.
    pub(crate) fn last_span(&self) -> Result<i64, ErrorResponse> {
        let mut statement = self.sql.prepare_cached("SELECT coalesce(max(seq), 0) FROM agent_span")?;
        Ok(statement.query_row((), |row| row.get(0))?)
    }
}

impl Work<'_> {
    /// Adds a run under its identifier. A run that is here already takes the end if it has none, and the result is
    /// `false`.
    pub(crate) fn import_run(&mut self, run: &ImportedRun) -> Result<bool, ErrorResponse> {
        let known =
            self.sql.prepare_cached("SELECT 1 FROM agent_instance WHERE id = ?1")?.exists([&run.id])?;
        if known {
            if let Some(finished_at) = run.finished_at {
                let ended = self.sql.execute(
                    "UPDATE agent_instance SET status = ?2, finished_at = ?3, updated_at = ?4
                     WHERE id = ?1 AND finished_at IS NULL",
                    (&run.id, run.status, finished_at, Time::now()),
                )?;
                if ended > 0 {
                    self.changed(&run.id, None);
                }
            }
            return Ok(false);
        }
        let agent = match &run.agent_id {
            Some(id) => self
                .sql
                .prepare_cached("SELECT id FROM agent WHERE id = ?1")?
                .query_row([id], |row| row.get::<_, String>(0))
                .optional()?,
            None => None,
        };
        let agent = self.ensure_agent(agent.as_deref(), &run.version)?;
        let schema =
            run.schema.as_ref().map(|schema| self.ensure_schema_version(&agent, schema)).transpose()?;
        let version = self.ensure_agent_version(&agent, &run.version, schema.as_deref())?;
        let deployment = self.ensure_deployment(&agent, None)?;
        let taken = self
            .sql
            .prepare_cached("SELECT 1 FROM agent_instance WHERE agent_id = ?1 AND external_identifier = ?2")?
            .exists((&agent, &run.external_identifier))?;
        if taken {
            return Err(ErrorResponse::conflict(
                "another run of this agent has the same external identifier",
            ));
        }
        self.sql.execute(
            "INSERT INTO agent_instance (id, agent_id, agent_version_id, agent_schema_version_id,
                 agent_deployment_id, status, purpose, external_identifier, termination_reason, started_at,
                 finished_at, was_started, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
            (
                &run.id,
                &agent,
                &version,
                &schema,
                &deployment,
                run.status,
                run.purpose,
                &run.external_identifier,
                &run.termination_reason,
                run.started_at,
                run.finished_at,
                run.started_at.is_some(),
                Time::now(),
            ),
        )?;
        self.changed(&run.id, None);
        Ok(true)
    }

    /// Adds a span under its identifier; `false` if it is here already.
    pub(crate) fn import_span(&mut self, span: NewSpan) -> Result<bool, ErrorResponse> {
        let Some(id) = span.id.clone() else { return Err(ErrorResponse::invalid("id", "can't be blank")) };
        if self.span_exists(&id)? {
            return Ok(false);
        }
        self.insert_span(id, span)?;
        Ok(true)
    }
}
