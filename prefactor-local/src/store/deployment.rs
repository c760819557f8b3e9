//! Deployments: an agent in an environment, with the version that it should run.

use rusqlite::{OptionalExtension, Row};
use serde_json::{Value, json};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    work::{Reader, Work},
};
use crate::{error_response::ErrorResponse, pfid::Partition, time::Time};

const SELECT: &str = "SELECT d.*, (SELECT id FROM account) AS account_id FROM agent_deployment d";

impl Rows {
    pub(crate) const DEPLOYMENTS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM agent_deployment d",
        fields: &[("id", "d.id"), ("inserted_at", "d.inserted_at"), ("updated_at", "d.updated_at")],
        id: "d.id",
    };
}

impl Reader<'_> {
    pub(crate) fn deployments(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Value>, Pagination), ErrorResponse> {
        self.list(&Rows::DEPLOYMENTS, filter, sorted, page, read)
    }

    pub(crate) fn deployment(&self, id: &str) -> Result<Value, ErrorResponse> {
        let select = [SELECT, " WHERE d.id = ?1"].concat();
        let deployment = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        deployment.ok_or_else(|| ErrorResponse::not_found("agent deployment"))
    }

    fn find_deployment(&self, agent: &str, environment: &str) -> Result<Option<String>, ErrorResponse> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT id FROM agent_deployment WHERE agent_id = ?1 AND environment_id = ?2")?;
        Ok(statement.query_row((agent, environment), |row| row.get(0)).optional()?)
    }
}

impl Work<'_> {
    /// Returns the deployment of an agent to an environment, by default to the account's own. The deployment is created
    /// if it is missing, and so is an environment of an unknown identifier.
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
        if let Some(id) = self.find_deployment(agent, &environment)? {
            return Ok(id);
        }
        let known = self.sql.prepare_cached("SELECT 1 FROM record WHERE id = ?1")?.exists([&environment])?;
        if !known {
            let name = [("name".to_owned(), environment.as_str().into())].into_iter().collect();
            self.insert_record("environment", &environment, &name, Time::now())?;
        }
        let id = self.new_id(None)?;
        self.insert_deployment(&id, agent, &environment)?;
        Ok(id)
    }

    pub(crate) fn create_deployment(
        &mut self,
        own_id: Option<&str>,
        agent: &str,
        environment: &str,
        version: Option<&str>,
    ) -> Result<Value, ErrorResponse> {
        self.agent(agent)?;
        self.record("environment", environment)?;
        if self.find_deployment(agent, environment)?.is_some() {
            return Err(ErrorResponse::conflict("the agent is deployed to this environment already"));
        }
        let id = self.new_id(own_id)?;
        self.insert_deployment(&id, agent, environment)?;
        self.pin_version(&id, version)
    }

    /// Sets the version that a deployment should run; `None` clears it.
    pub(crate) fn pin_version(&mut self, id: &str, version: Option<&str>) -> Result<Value, ErrorResponse> {
        if let Some(version) = version
            && !self.sql.prepare_cached("SELECT 1 FROM agent_version WHERE id = ?1")?.exists([version])?
        {
            return Err(ErrorResponse::not_found("agent version"));
        }
        self.sql
            .prepare_cached(
                "UPDATE agent_deployment SET current_version_id = ?2, updated_at = ?3 WHERE id = ?1",
            )?
            .execute((id, version, Time::now()))?;
        self.deployment(id)
    }

    /// Deletes a deployment without runs, and returns it as it was.
    pub(crate) fn delete_deployment(&mut self, id: &str) -> Result<Value, ErrorResponse> {
        let deployment = self.deployment(id)?;
        let is_used = self
            .sql
            .prepare_cached("SELECT 1 FROM agent_instance WHERE agent_deployment_id = ?1")?
            .exists([id])?;
        if is_used {
            return Err(ErrorResponse::invalid_action("a deployment with runs cannot be deleted"));
        }
        self.sql.prepare_cached("DELETE FROM agent_deployment WHERE id = ?1")?.execute([id])?;
        Ok(deployment)
    }

    fn insert_deployment(&self, id: &str, agent: &str, environment: &str) -> Result<(), ErrorResponse> {
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO agent_deployment (id, agent_id, environment_id, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?4)",
        )?;
        insert.execute((id, agent, environment, Time::now()))?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    let (id, account_id): (String, String) = (row.get("id")?, row.get("account_id")?);
    let (agent_id, environment_id): (String, String) = (row.get("agent_id")?, row.get("environment_id")?);
    let current_version_id: Option<String> = row.get("current_version_id")?;
    let (inserted_at, updated_at): (Time, Time) = (row.get("inserted_at")?, row.get("updated_at")?);
    Ok(json!({
        "type": "agent_deployment",
        "id": id,
        "account_id": account_id,
        "agent_id": agent_id,
        "environment_id": environment_id,
        "current_version_id": current_version_id,
        "inserted_at": inserted_at,
        "updated_at": updated_at,
    }))
}
