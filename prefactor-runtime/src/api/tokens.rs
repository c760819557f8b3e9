//! `/api_token`: the tokens that programs use the API with.

use std::fmt::{self, Display};
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::api::administration::AccountFilter;
use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, rfc3339};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::{objects, words};
use crate::types::error::Error;

const PATH: &str = "/api_token";

words! {
    /// The scope of a token.
    TokenScope {
        /// Everything in the account.
        Account = "account",
        /// The runs of one agent in one environment.
        AgentDeployment = "agent_deployment",
    }

    /// The state of a token.
    TokenStatus {
        /// It is accepted.
        Active = "active",
        /// It is refused for now.
        Suspended = "suspended",
        /// It is refused for good.
        Revoked = "revoked",
    }
}

objects! {
    /// A token, without its secret.
    Token {
        /// Its id.
        id: String,
        /// Its scope.
        token_scope: TokenScope,
        /// Its state.
        status: TokenStatus;
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The agent in an environment, where it is good for no more.
        agent_deployment_id: Option<String>,
        /// That agent.
        agent_id: Option<String>,
        /// That environment.
        environment_id: Option<String>,
        /// Until when it is accepted, in RFC 3339.
        expires_at: Option<String>,
        /// When it was used last, in RFC 3339.
        last_used_at: Option<String>,
    }
}

/// A token that was made, with its secret: the API shows it this once.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    secret: Zeroizing<String>,
}

impl CreatedToken {
    /// The secret, which opens the API. It is wiped from memory with this value.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for CreatedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CreatedToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it does nothing until it is sent"]
pub struct NewToken {
    fields: Fields,
}

impl NewToken {
    /// A token for everything in an account.
    pub fn of_account(account_id: impl Display) -> Self {
        Self::of(&TokenScope::Account, [("account_id", account_id.to_string())])
    }

    /// A token for the runs of one agent in one environment.
    pub fn of_agent(agent_id: impl Display, environment_id: impl Display) -> Self {
        let ids = [("agent_id", agent_id.to_string()), ("environment_id", environment_id.to_string())];
        Self::of(&TokenScope::AgentDeployment, ids)
    }

    /// Sets until when it is accepted. Default: for ever.
    pub fn with_expires_at(mut self, time: SystemTime) -> Self {
        self.fields.set("expires_at", rfc3339(time));
        self
    }

    fn of<const N: usize>(scope: &TokenScope, ids: [(&str, String); N]) -> Self {
        let mut fields = Fields::default();
        fields.set("token_scope", scope);
        for (name, id) in ids {
            fields.set(name, id);
        }
        Self { fields }
    }
}

group! {
    /// Requests on tokens.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::NewToken;
    ///
    /// use std::time::{Duration, SystemTime};
    ///
    /// # let (agent, environment) = ("013xrzp12g3nqk8n0000000000000000", "013xrzp12g3nqk8n0000000000000001");
    /// let until = SystemTime::now() + Duration::from_secs(30 * 24 * 3_600);
    /// let made = api.tokens().create(NewToken::of_agent(agent, environment).with_expires_at(until)).await?;
    /// std::fs::write("/run/secrets/prefactor", made.expose_secret()).expect("the folder is there");
    /// let account = api.accounts().list().all().await?.remove(0).id;
    /// println!("{}", api.tokens().create(NewToken::of_account(account)).await?.token.id);
    /// api.tokens().suspend(&made.token.id).await?;
    /// api.tokens().activate(&made.token.id).await?;
    /// api.tokens().revoke(&made.token.id).await?;
    /// api.tokens().delete(&made.token.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Tokens
}

impl Tokens<'_> {
    /// Lists tokens.
    pub fn list(&self, filter: AccountFilter) -> List<Token> {
        List::new(self.connection, "list tokens", PATH, filter.query)
    }

    /// Shows a token.
    pub async fn get(&self, id: impl Display) -> Result<Token, Error> {
        self.connection.details(Call::get("show a token", path_of(PATH, id, ""))).await
    }

    /// Makes a token.
    pub async fn create(&self, token: NewToken) -> Result<CreatedToken, Error> {
        let call = Call::each_time("create a token", PATH, token.fields.wrapped());
        let mut answer = self.connection.send(&call).await?;
        Ok(CreatedToken { secret: Zeroizing::new(answer.member("token")?), token: answer.details()? })
    }

    /// Refuses a token until it is activated again.
    pub async fn suspend(&self, id: impl Display) -> Result<Token, Error> {
        self.act("suspend a token", path_of(PATH, id, "/suspend")).await
    }

    /// Accepts a suspended token again.
    pub async fn activate(&self, id: impl Display) -> Result<Token, Error> {
        self.act("activate a token", path_of(PATH, id, "/activate")).await
    }

    /// Refuses a token for good.
    pub async fn revoke(&self, id: impl Display) -> Result<Token, Error> {
        self.act("revoke a token", path_of(PATH, id, "/revoke")).await
    }

    /// Deletes a token, which must have been revoked.
    pub async fn delete(&self, id: impl Display) -> Result<(), Error> {
        self.connection.done(Call::delete("delete a token", path_of(PATH, id, ""))).await
    }

    /// To say it twice does no more than to say it once.
    async fn act(&self, what: &'static str, path: String) -> Result<Token, Error> {
        self.connection.details(Call::with_keys(what, path, Fields::default())).await
    }
}
