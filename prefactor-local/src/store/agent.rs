//! Agents.

use rusqlite::{OptionalExtension, Row};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    version::AgentVersion,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{Agent, AvailableActions, InstanceCounts},
    pfid::Partition,
    time::Time,
};

const NAMELESS: &str = "local agent";

const SELECT: &str = "SELECT a.*, (SELECT id FROM account) AS account_id,
    CASE WHEN a.retired_at IS NOT NULL THEN 'retired'
         WHEN EXISTS (SELECT 1 FROM agent_instance i WHERE i.agent_id = a.id) THEN 'active' ELSE 'pending' END AS status,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'pending') AS pending,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'active') AS active,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'complete') AS complete,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'failed') AS failed,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'cancelled') AS cancelled,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'terminated') AS terminated,
    (SELECT max(i.last_span_at) FROM agent_instance i WHERE i.agent_id = a.id) AS last_span_at
    FROM agent a";

impl Rows {
    pub(crate) const AGENTS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent a",
        fields: &[
            ("id", "a.id"),
            ("name", "a.name"),
            ("title", "a.name"),
            ("status", "status"),
            ("last_seen", "last_span_at"),
            ("timestamp", "a.inserted_at"),
            ("inserted_at", "a.inserted_at"),
            ("updated_at", "a.updated_at"),
            ("external_identifier", "a.external_identifier"),
        ],
        id: "a.id",
    };
}

impl Reader<'_> {
    pub(crate) fn agents(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Agent>, Pagination), ErrorResponse> {
        self.list(&Rows::AGENTS, filter, sorted, page, read)
    }

    pub(crate) fn agent(&self, id: &str) -> Result<Agent, ErrorResponse> {
        let select = [SELECT, " WHERE a.id = ?1"].concat();
        let agent = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        agent.ok_or_else(|| ErrorResponse::not_found("agent"))
    }

    /// Finds the agent of an external identifier.
    pub(crate) fn agent_named(&self, external_identifier: &str) -> Result<Agent, ErrorResponse> {
        let select = [SELECT, " WHERE a.external_identifier = ?1"].concat();
        let agent = self.sql.prepare_cached(&select)?.query_row([external_identifier], read).optional()?;
        agent.ok_or_else(|| ErrorResponse::not_found("agent"))
    }

    fn find_agent(&self, select: &'static str, value: &str) -> Result<Option<String>, ErrorResponse> {
        Ok(self.sql.prepare_cached(select)?.query_row([value], |row| row.get(0)).optional()?)
    }
}

/// The new value of a field that may be empty.
#[derive(Debug, Default)]
pub(crate) enum FieldChange {
    #[default]
    Keep,
    Clear,
    Set(String),
}

/// The fields of an agent to create, or the fields to change.
#[derive(Debug, Default)]
pub(crate) struct AgentFields {
    pub(crate) name: Option<String>,
    pub(crate) description: FieldChange,
    pub(crate) owner_person_id: FieldChange,
    pub(crate) risk_profile_id: FieldChange,
    pub(crate) team_id: FieldChange,
}

impl Work<'_> {
    /// Returns the agent of a registration.
    ///
    /// An unknown identifier creates its agent, because nobody administers agents here before. Without an identifier,
    /// agents are told apart by name.
    pub(super) fn ensure_agent(
        &mut self,
        id: Option<&str>,
        version: &AgentVersion,
    ) -> Result<String, ErrorResponse> {
        let name = version.name.as_deref().unwrap_or(NAMELESS);
        let found = match id {
            Some(id) => self.find_agent("SELECT id FROM agent WHERE id = ?1", id)?,
            // `agent_name` keeps the first name, which finds the agent even after a version has renamed it.
            None => match self.find_agent("SELECT agent_id FROM agent_name WHERE name = ?1", name)? {
                Some(found) => Some(found),
                None => self.find_agent("SELECT id FROM agent WHERE name = ?1 ORDER BY id LIMIT 1", name)?,
            },
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let id = match id {
            Some(id) => {
                let partition =
                    Partition::of(id).ok_or_else(|| ErrorResponse::invalid("agent_id", "must be a PFID"))?;
                self.adopt_partition(partition)?;
                id.to_owned()
            }
            None => self.new_id(None)?,
        };
        self.sql.execute(
            "INSERT INTO agent (id, name, description, inserted_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)",
            (&id, name, &version.description, Time::now()),
        )?;
        self.claim_name(name, &id)?;
        Ok(id)
    }

    /// Lets a name find an agent, unless it finds another already.
    fn claim_name(&self, name: &str, id: &str) -> Result<(), ErrorResponse> {
        let mut insert =
            self.sql.prepare_cached("INSERT OR IGNORE INTO agent_name (name, agent_id) VALUES (?1, ?2)")?;
        insert.execute((name, id))?;
        Ok(())
    }

    pub(crate) fn create_agent(
        &mut self,
        own_id: Option<&str>,
        external_identifier: Option<&str>,
        fields: &AgentFields,
    ) -> Result<Agent, ErrorResponse> {
        if let Some(id) = own_id
            && let Some(partition) = Partition::of(id)
        {
            self.adopt_partition(partition)?;
        }
        let id = self.new_id(own_id)?;
        let taken: bool = self.sql.query_row(
            "SELECT EXISTS (SELECT 1 FROM agent WHERE id = ?1 OR external_identifier = ?2)",
            (&id, external_identifier),
            |row| row.get(0),
        )?;
        if taken {
            return Err(ErrorResponse::conflict("an agent with this id or external identifier exists"));
        }
        let name = fields.name.as_deref().unwrap_or(NAMELESS);
        self.sql.execute(
            "INSERT INTO agent (id, name, external_identifier, inserted_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)",
            (&id, name, external_identifier, Time::now()),
        )?;
        self.update_agent(&id, fields)
    }

    pub(crate) fn update_agent(&mut self, id: &str, fields: &AgentFields) -> Result<Agent, ErrorResponse> {
        self.agent(id)?;
        if let Some(name) = &fields.name {
            self.sql.execute("UPDATE agent SET name = ?2 WHERE id = ?1", (id, name))?;
            self.claim_name(name, id)?;
        }
        for (statement, kind, value) in [
            ("UPDATE agent SET description = ?2 WHERE id = ?1", None, &fields.description),
            ("UPDATE agent SET owner_person_id = ?2 WHERE id = ?1", Some("person"), &fields.owner_person_id),
            (
                "UPDATE agent SET risk_profile_id = ?2 WHERE id = ?1",
                Some("risk_profile"),
                &fields.risk_profile_id,
            ),
            ("UPDATE agent SET team_id = ?2 WHERE id = ?1", Some("team"), &fields.team_id),
        ] {
            let value = match value {
                FieldChange::Keep => continue,
                FieldChange::Clear => None,
                FieldChange::Set(value) => Some(value),
            };
            if let (Some(kind), Some(record)) = (kind, value) {
                self.record(kind, record)?;
            }
            self.sql.execute(statement, (id, value))?;
        }
        self.sql.execute("UPDATE agent SET updated_at = ?2 WHERE id = ?1", (id, Time::now()))?;
        self.agent(id)
    }

    /// Retires an agent, or takes it back into service.
    pub(crate) fn retire_agent(&mut self, id: &str, retire: bool) -> Result<Agent, ErrorResponse> {
        let is_retired = self.agent(id)?.status == "retired";
        if is_retired == retire {
            let problem = if retire { "the agent is retired already" } else { "the agent is not retired" };
            return Err(ErrorResponse::invalid_action(problem));
        }
        let now = Time::now();
        self.sql.execute(
            "UPDATE agent SET retired_at = ?2, updated_at = ?3 WHERE id = ?1",
            (id, retire.then_some(now), now),
        )?;
        self.agent(id)
    }

    /// Deletes an agent without runs, and returns it as it was.
    pub(crate) fn delete_agent(&mut self, id: &str) -> Result<Agent, ErrorResponse> {
        let agent = self.agent(id)?;
        if !agent.available_actions.delete {
            return Err(ErrorResponse::invalid_action("an agent with runs cannot be deleted: retire it"));
        }
        for statement in [
            "DELETE FROM span_type WHERE agent_schema_version_id IN
                 (SELECT id FROM agent_schema_version WHERE agent_id = ?1)",
            "DELETE FROM agent_schema_version WHERE agent_id = ?1",
            "DELETE FROM agent_version WHERE agent_id = ?1",
            "DELETE FROM agent_deployment WHERE agent_id = ?1",
            "DELETE FROM agent_name WHERE agent_id = ?1",
            "DELETE FROM agent WHERE id = ?1",
        ] {
            self.sql.execute(statement, [id])?;
        }
        Ok(agent)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Agent> {
    let mut counts = InstanceCounts {
        pending: row.get("pending")?,
        active: row.get("active")?,
        complete: row.get("complete")?,
        failed: row.get("failed")?,
        cancelled: row.get("cancelled")?,
        terminated: row.get("terminated")?,
        ..InstanceCounts::default()
    };
    counts.finished = counts.complete + counts.failed + counts.cancelled;
    counts.total = counts.finished + counts.pending + counts.active + counts.terminated;
    let status = match row.get_ref("status")?.as_str()? {
        "retired" => "retired",
        "pending" => "pending",
        _ => "active",
    };
    Ok(Agent {
        kind: "agent",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        external_identifier: row.get("external_identifier")?,
        owner_person_id: row.get("owner_person_id")?,
        risk_profile_id: row.get("risk_profile_id")?,
        team_id: row.get("team_id")?,
        status,
        available_actions: AvailableActions {
            update: true,
            retire: status != "retired",
            reinstate: status == "retired",
            delete: counts.total == 0,
        },
        instance_counts: counts,
        last_activity_span_at: row.get("last_span_at")?,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
    })
}
