//! Agent instances and their states.

use rusqlite::{OptionalExtension, Row};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    version::{AgentVersion, SchemaVersion},
    work::{Reader, Work},
};
use crate::{
    error_response::{ErrorResponse, Errors},
    fingerprint::Fingerprint,
    model::{AgentInstance, Control, SpanCounts, Status},
    time::Time,
};

const SELECT: &str = "SELECT i.*, d.environment_id, (SELECT id FROM account) AS account_id
    FROM agent_instance i JOIN agent_deployment d ON d.id = i.agent_deployment_id";

impl Rows {
    pub(crate) const INSTANCES: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent_instance i",
        fields: &[
            ("id", "i.id"),
            ("status", "i.status"),
            ("started_at", "i.started_at"),
            ("finished_at", "i.finished_at"),
            ("inserted_at", "i.inserted_at"),
            ("updated_at", "i.updated_at"),
            ("timestamp", "i.started_at"),
            ("last_seen", "i.last_span_at"),
            ("external_identifier", "i.external_identifier"),
        ],
        id: "i.id",
    };
}

/// The fields of a registration.
#[derive(Debug)]
pub(crate) struct NewInstance {
    /// The agent and the environment of the token, unless it is for the whole account.
    pub(crate) caller: Fingerprint,
    pub(crate) id: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) environment_id: Option<String>,
    /// Whether the deployment should run this version from now on.
    pub(crate) update_current_version: bool,
    pub(crate) purpose: &'static str,
    pub(crate) external_identifier: Option<String>,
    pub(crate) version: AgentVersion,
    pub(crate) schema: Option<SchemaVersion>,
}

impl Reader<'_> {
    /// Returns the agent and the environment of a registration: those of its token, else those that it names.
    fn named_by(&self, new: &NewInstance) -> Result<(Option<String>, Option<String>), ErrorResponse> {
        let Some(identity) = self.identity(new.caller)? else {
            return Ok((new.agent_id.clone(), new.environment_id.clone()));
        };
        let mut errors = Errors::default();
        if new.agent_id.as_ref().is_some_and(|id| *id != identity.agent_id) {
            errors.add("agent_id", "must be the agent of the token, or absent");
        }
        if new.environment_id.as_ref().is_some_and(|id| *id != identity.environment_id) {
            errors.add("environment_id", "must be the environment of the token, or absent");
        }
        errors.check()?;
        Ok((Some(identity.agent_id), Some(identity.environment_id)))
    }

    pub(crate) fn instances(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<AgentInstance>, Pagination), ErrorResponse> {
        self.list(&Rows::INSTANCES, filter, sorted, page, read)
    }

    pub(crate) fn instance(&self, id: &str) -> Result<AgentInstance, ErrorResponse> {
        let select = [SELECT, " WHERE i.id = ?1"].concat();
        let instance = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        instance.ok_or_else(|| ErrorResponse::not_found("agent instance"))
    }

    /// Returns the control signal for the agent of this instance.
    pub(crate) fn control(&self, id: &str) -> Result<Option<Control>, ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT status, termination_reason FROM agent_instance WHERE id = ?1")?;
        let (status, reason): (Status, _) =
            statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((status == Status::Terminated).then_some(Control { terminate: true, reason }))
    }

    fn instance_state(&self, id: &str) -> Result<State, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT status, was_started, ended_by_silence FROM agent_instance WHERE id = ?1",
        )?;
        let state = statement.query_row([id], |row| {
            Ok(State { status: row.get(0)?, was_started: row.get(1)?, ended_by_silence: row.get(2)? })
        });
        state.optional()?.ok_or_else(|| ErrorResponse::not_found("agent instance"))
    }

    /// Returns an error if there is no such instance.
    pub(super) fn instance_exists(&self, id: &str) -> Result<(), ErrorResponse> {
        self.instance_state(id).map(|_| ())
    }

    /// Returns the identifier of the instance that a query names by one of its two names.
    pub(crate) fn instance_named(&self, external_identifier: &str) -> Result<String, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id FROM agent_instance WHERE external_identifier = ?1 ORDER BY id DESC LIMIT 1",
        )?;
        let id = statement.query_row([external_identifier], |row| row.get(0)).optional()?;
        id.ok_or_else(|| ErrorResponse::not_found("agent instance"))
    }
}

/// The part of an instance that decides which actions it allows.
struct State {
    status: Status,
    was_started: bool,
    ended_by_silence: bool,
}

impl Work<'_> {
    pub(crate) fn register(&mut self, new: &NewInstance) -> Result<AgentInstance, ErrorResponse> {
        let (agent, environment) = self.named_by(new)?;
        let agent = self.ensure_agent(agent.as_deref(), &new.version)?;
        let schema =
            new.schema.as_ref().map(|schema| self.ensure_schema_version(&agent, schema)).transpose()?;
        let version = self.ensure_agent_version(&agent, &new.version, schema.as_deref())?;
        let deployment = self.ensure_deployment(&agent, environment.as_deref())?;
        if new.update_current_version {
            self.pin_version(&deployment, Some(&version))?;
        }
        let id = self.new_id(new.id.as_deref())?;
        let taken: bool = self.sql.query_row(
            "SELECT EXISTS (SELECT 1 FROM agent_instance
                            WHERE id = ?1 OR (agent_id = ?2 AND external_identifier = ?3))",
            (&id, &agent, &new.external_identifier),
            |row| row.get(0),
        )?;
        if taken {
            return Err(ErrorResponse::conflict(
                "an agent instance with this id or external identifier exists",
            ));
        }
        self.sql.execute(
            "INSERT INTO agent_instance (id, agent_id, agent_version_id, agent_schema_version_id,
                 agent_deployment_id, status, purpose, external_identifier, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
            (
                &id,
                &agent,
                &version,
                &schema,
                &deployment,
                Status::Pending,
                new.purpose,
                &new.external_identifier,
                Time::now(),
            ),
        )?;
        self.changed(&id, None);
        self.changed_instance(&id)
    }

    /// Moves `pending` to `active`. A start that comes after the finish, as from clients with several senders, sets the
    /// time of the start and leaves the run finished. A second start is refused.
    pub(crate) fn start_instance(
        &mut self,
        id: &str,
        at: Option<Time>,
    ) -> Result<AgentInstance, ErrorResponse> {
        let State { status, was_started, .. } = self.instance_state(id)?;
        if was_started {
            return Err(ErrorResponse::invalid_action("the agent instance has been started already"));
        }
        let now = Time::now();
        let status = if status == Status::Pending { Status::Active } else { status };
        self.sql.execute(
            "UPDATE agent_instance SET status = ?2, started_at = min(?3, coalesce(finished_at, ?3)), was_started = 1,
                 updated_at = ?4 WHERE id = ?1",
            (id, status, at.unwrap_or(now), now),
        )?;
        self.changed(id, None);
        self.changed_instance(id)
    }

    /// Ends an instance. One that was never started gets both instants at once.
    pub(crate) fn finish_instance(
        &mut self,
        id: &str,
        status: Status,
        at: Option<Time>,
    ) -> Result<AgentInstance, ErrorResponse> {
        let state = self.instance_state(id)?;
        if state.status.is_terminal() && !state.ended_by_silence {
            return Err(ErrorResponse::invalid_action("the agent instance is already finished"));
        }
        let now = Time::now();
        self.sql.execute(
            "UPDATE agent_instance SET status = ?2, started_at = coalesce(started_at, ?3), finished_at = ?3,
                 silent_since = NULL, ended_by_silence = 0, updated_at = ?4 WHERE id = ?1",
            (id, status, at.unwrap_or(now), now),
        )?;
        self.changed(id, None);
        self.changed_instance(id)
    }

    /// Stops an active instance from outside. Its open spans stay open, so that the agent can finish them and read the
    /// signal in the answer.
    pub(crate) fn terminate_instance(
        &mut self,
        id: &str,
        reason: &str,
    ) -> Result<AgentInstance, ErrorResponse> {
        if self.instance_state(id)?.status != Status::Active {
            return Err(ErrorResponse::invalid_action("only an active agent instance can be terminated"));
        }
        self.sql.execute(
            "UPDATE agent_instance SET status = ?2, termination_reason = ?3, finished_at = ?4,
                 silent_since = NULL, updated_at = ?4
             WHERE id = ?1",
            (id, Status::Terminated, reason, Time::now()),
        )?;
        self.changed(id, None);
        self.changed_instance(id)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AgentInstance> {
    Ok(AgentInstance {
        kind: "agent_instance",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        agent_id: row.get("agent_id")?,
        agent_version_id: row.get("agent_version_id")?,
        environment_id: row.get("environment_id")?,
        agent_deployment_id: row.get("agent_deployment_id")?,
        status: row.get("status")?,
        purpose: row.get("purpose")?,
        external_identifier: row.get("external_identifier")?,
        termination_reason: row.get("termination_reason")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
        last_activity_span_at: row.get("last_span_at")?,
        silent_since: row.get("silent_since")?,
        span_counts: read_span_counts(row)?,
        detail: None,
    })
}

pub(super) fn read_span_counts(row: &Row<'_>) -> rusqlite::Result<SpanCounts> {
    let mut counts = SpanCounts {
        pending: row.get("spans_pending")?,
        active: row.get("spans_active")?,
        complete: row.get("spans_complete")?,
        failed: row.get("spans_failed")?,
        cancelled: row.get("spans_cancelled")?,
        ..SpanCounts::default()
    };
    counts.finished = counts.complete + counts.failed + counts.cancelled;
    counts.total = counts.finished + counts.pending + counts.active;
    Ok(counts)
}
