//! Made tokens, and the agent of each.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    setting::random_token,
    version::AgentVersion,
    work::{Reader, Work},
};
use crate::{
    error_response::ErrorResponse,
    fingerprint::Fingerprint,
    time::Time,
    tokens::{Made, hash},
};

impl Rows {
    pub(crate) const TOKENS: Self = Self {
        select: "SELECT t.*, (SELECT id FROM account) AS account_id FROM api_token t",
        count: "SELECT count(*) FROM api_token t",
        fields: &[("id", "t.id"), ("status", "t.status"), ("inserted_at", "t.inserted_at")],
        id: "t.id",
    };
}

/// A token in the form of the API: without its secret.
#[derive(Debug, Serialize)]
pub(crate) struct ApiToken {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    token_scope: String,
    account_id: String,
    agent_deployment_id: Option<String>,
    agent_id: Option<String>,
    environment_id: Option<String>,
    expires_at: Option<Time>,
    /// Always empty: storing it would be a write with every request.
    last_used_at: Option<Time>,
    status: String,
    created_by_admin_user_id: Option<String>,
    inserted_at: Time,
    updated_at: Time,
}

/// The fields of a token to make: for the whole account, or for one agent in one environment.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub(crate) holder: Holder,
    pub(crate) environment_id: Option<String>,
    pub(crate) expires_at: Option<Time>,
}

#[derive(Debug)]
pub(crate) enum Holder {
    Account,
    AgentId(String),
    /// An agent of this name, which is created if it is missing.
    AgentName(String),
}

/// The agent and the environment of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) agent_id: String,
    pub(crate) environment_id: String,
}

impl Reader<'_> {
    pub(crate) fn tokens(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<ApiToken>, Pagination), ErrorResponse> {
        self.list(&Rows::TOKENS, filter, sorted, page, read)
    }

    pub(crate) fn token(&self, id: &str) -> Result<ApiToken, ErrorResponse> {
        let select = [Rows::TOKENS.select, " WHERE t.id = ?1"].concat();
        let token = self.sql.prepare_cached(&select)?.query_row([id], read).optional()?;
        token.ok_or_else(|| ErrorResponse::not_found("API token"))
    }

    /// Returns the tokens to check requests by; `None` as long as none was made.
    pub(crate) fn tokens_to_check(&self) -> Result<Option<Vec<Made>>, ErrorResponse> {
        if self.setting("tokens_are_checked")?.is_none() {
            return Ok(None);
        }
        let mut statement =
            self.sql.prepare_cached("SELECT hash, expires_at FROM api_token WHERE status = 'active'")?;
        let made = statement
            .query_map((), |row| Ok(Made { hash: row.get(0)?, expires_at: row.get(1)? }))?
            .collect::<Result<_, _>>()?;
        Ok(Some(made))
    }

    /// Returns the agent of a request's token; `None` for a token of the whole account.
    pub(crate) fn identity(&self, caller: Fingerprint) -> Result<Option<Identity>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT agent_id, environment_id FROM api_token
             WHERE caller = ?1 AND status = 'active' AND agent_id IS NOT NULL AND environment_id IS NOT NULL",
        )?;
        let identity = statement
            .query_row([caller], |row| Ok(Identity { agent_id: row.get(0)?, environment_id: row.get(1)? }));
        Ok(identity.optional()?)
    }
}

impl Work<'_> {
    /// Makes a token; from now on tokens are checked. Only the answer has the secret.
    pub(crate) fn create_token(&mut self, new: &NewToken) -> Result<(ApiToken, String), ErrorResponse> {
        let agent =
            match &new.holder {
                Holder::Account => None,
                Holder::AgentId(id) => Some(self.agent(id)?.id),
                Holder::AgentName(name) => Some(self.ensure_agent(
                    None,
                    &AgentVersion { name: Some(name.clone()), ..AgentVersion::default() },
                )?),
            };
        let (environment, deployment) = match &agent {
            None => (new.environment_id.clone(), None),
            Some(agent) => {
                let deployment = self.ensure_deployment(agent, new.environment_id.as_deref())?;
                let environment = match &new.environment_id {
                    Some(id) => id.clone(),
                    None => self.account()?.environment_id.clone(),
                };
                (Some(environment), Some(deployment))
            }
        };
        let (id, secret, now) = (self.new_id(None)?, random_token("pf_local_")?, Time::now());
        let scope = if agent.is_some() { "agent_deployment" } else { "account" };
        self.sql.execute(
            "INSERT INTO api_token (id, hash, caller, token_scope, agent_id, environment_id, agent_deployment_id,
                 status, expires_at, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'active', ?8, ?9, ?9)",
            (
                &id,
                hash(&secret),
                Fingerprint::of(&secret),
                scope,
                &agent,
                &environment,
                &deployment,
                new.expires_at,
                now,
            ),
        )?;
        self.set("tokens_are_checked", "1")?;
        Ok((self.token(&id)?, secret))
    }

    /// Changes the status of a token. `active` and `suspended` lead to each other and to `revoked`, which is final.
    pub(crate) fn set_token_status(
        &mut self,
        id: &str,
        status: &'static str,
    ) -> Result<ApiToken, ErrorResponse> {
        let before = self.token(id)?.status;
        let is_allowed = match status {
            "suspended" => before == "active",
            "active" => before == "suspended",
            _ => before != "revoked",
        };
        if !is_allowed {
            return Err(ErrorResponse::invalid_action(
                ["a token that is ", &before, " cannot become ", status].concat(),
            ));
        }
        self.sql.execute(
            "UPDATE api_token SET status = ?2, updated_at = ?3 WHERE id = ?1",
            (id, status, Time::now()),
        )?;
        self.token(id)
    }

    /// Deletes a revoked token.
    pub(crate) fn delete_token(&mut self, id: &str) -> Result<ApiToken, ErrorResponse> {
        let token = self.token(id)?;
        if token.status != "revoked" {
            return Err(ErrorResponse::invalid_action("only a revoked token can be deleted"));
        }
        self.sql.execute("DELETE FROM api_token WHERE id = ?1", [id])?;
        Ok(token)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        kind: "api_token",
        id: row.get("id")?,
        token_scope: row.get("token_scope")?,
        account_id: row.get("account_id")?,
        agent_deployment_id: row.get("agent_deployment_id")?,
        agent_id: row.get("agent_id")?,
        environment_id: row.get("environment_id")?,
        expires_at: row.get("expires_at")?,
        last_used_at: None,
        status: row.get("status")?,
        created_by_admin_user_id: None,
        inserted_at: row.get("inserted_at")?,
        updated_at: row.get("updated_at")?,
    })
}
