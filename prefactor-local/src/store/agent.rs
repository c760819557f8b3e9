//! Agents, and their deployments to environments.

use rusqlite::{OptionalExtension, Row};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    version::AgentVersion,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    model::{Agent, AvailableActions, InstanceCounts, Status},
    pfid::Partition,
    time::Time,
};

const NAMELESS: &str = "local agent";

const SELECT: &str = "SELECT a.*, (SELECT id FROM account) AS account_id,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'pending') AS pending,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'active') AS active,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'complete') AS complete,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'failed') AS failed,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'cancelled') AS cancelled,
    (SELECT count(*) FROM agent_instance i WHERE i.agent_id = a.id AND i.status = 'terminated') AS terminated
    FROM agent a";

impl Rows {
    pub(crate) const AGENTS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent a",
        fields: &[("id", "a.id"), ("name", "a.name"), ("external_identifier", "a.external_identifier")],
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

    fn find_agent(&self, select: &'static str, value: &str) -> Result<Option<String>, ErrorResponse> {
        Ok(self.sql.prepare_cached(select)?.query_row([value], |row| row.get(0)).optional()?)
    }
}

impl Work<'_> {
    /// The agent that a registration is for.
    ///
    /// An identifier that is not known yet creates its agent: there is no administration here in which
    /// that could be done first. Without an identifier, agents are told apart by name.
    pub(super) fn ensure_agent(
        &mut self,
        id: Option<&str>,
        version: &AgentVersion,
    ) -> Result<String, ErrorResponse> {
        let name = version.name.as_deref().unwrap_or(NAMELESS);
        let found = match id {
            Some(id) => self.find_agent("SELECT id FROM agent WHERE id = ?1", id)?,
            None => self.find_agent("SELECT id FROM agent WHERE name = ?1 ORDER BY id LIMIT 1", name)?,
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
        Ok(id)
    }

    pub(super) fn ensure_deployment(
        &mut self,
        agent: &str,
        environment: Option<&str>,
    ) -> Result<String, ErrorResponse> {
        let environment = match environment {
            Some(id) if Partition::of(id).is_none() => {
                return Err(ErrorResponse::invalid("environment_id", "must be a PFID"));
            }
            Some(id) => id.to_owned(),
            None => self.account()?.environment_id.clone(),
        };
        let found = self
            .sql
            .prepare_cached("SELECT id FROM agent_deployment WHERE agent_id = ?1 AND environment_id = ?2")?
            .query_row((agent, &environment), |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        let id = self.new_id(None)?;
        self.sql.execute(
            "INSERT INTO agent_deployment (id, agent_id, environment_id) VALUES (?1, ?2, ?3)",
            (&id, agent, &environment),
        )?;
        Ok(id)
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
    Ok(Agent {
        kind: "agent",
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        external_identifier: row.get("external_identifier")?,
        owner_person_id: None,
        risk_profile_id: None,
        team_id: None,
        status: Status::Active,
        instance_counts: counts,
        available_actions: AvailableActions::default(),
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
    })
}
