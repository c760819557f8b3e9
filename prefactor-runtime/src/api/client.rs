//! The typed client.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use crate::api::administration::{Accounts, Environments, People, Teams};
use crate::api::agents::Agents;
use crate::api::alerts::Alerts;
use crate::api::bulk::{Bulk, BulkResult};
use crate::api::call::Call;
use crate::api::connection::Connection;
use crate::api::fields::Fields;
use crate::api::instances::Instances;
use crate::api::risk_profiles::RiskProfiles;
use crate::api::spans::Spans;
use crate::api::tokens::Tokens;
use crate::api::versions::{AgentVersions, Deployments, SchemaVersions};
use crate::config::settings::Identity;
use crate::transport::Transport;
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::pfid::Pfid;

/// Asks the Prefactor API, one request for each call, and waits for its answers.
///
/// It is made by [`ClientBuilder::api_client`](crate::ClientBuilder::api_client), and cheap to clone: clones share their
/// connections. It is for programs about agents: reports, administration, tests. Spans of a program itself are better recorded
/// by a [`Client`](crate::Client), which waits for nothing.
///
/// # Examples
///
/// ```no_run
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), prefactor::Error> {
///     use prefactor::api::{InstanceFilter, SpanFilter};
///
///     let api = prefactor::Client::builder().api_client()?;
///     let mut runs = api.instances().list(InstanceFilter::new().sorted_by("id", true));
///     while let Some(run) = runs.next().await {
///         let run = run?;
///         let spans = api.spans().list(SpanFilter::new().instance_id(&run.id)).all().await?;
///         println!("{} {} {} spans", run.id, run.status, spans.len());
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    connection: Arc<Connection>,
}

/// Declares the parts of the client.
macro_rules! groups {
    ($($(#[$doc:meta])* $method:ident: $group:ident;)*) => {$(
        $(#[$doc])*
        pub const fn $method(&self) -> $group<'_> {
            $group { connection: &self.connection }
        }
    )*};
}

impl ApiClient {
    pub(crate) fn new(transport: Arc<dyn Transport>, identity: Identity) -> Self {
        Self { connection: Arc::new(Connection::new(transport, identity)) }
    }

    groups! {
        /// Programs that run.
        agents: Agents;
        /// Runs of agents.
        instances: Instances;
        /// Steps of runs.
        spans: Spans;
        /// Findings that a person should look at.
        alerts: Alerts;
        /// Releases of agents.
        agent_versions: AgentVersions;
        /// Schemas of spans.
        schema_versions: SchemaVersions;
        /// Agents in environments.
        deployments: Deployments;
        /// Where agents run.
        environments: Environments;
        /// Accounts, which own everything else.
        accounts: Accounts;
        /// Tokens for the API.
        tokens: Tokens;
        /// Rules by which risk is weighed.
        risk_profiles: RiskProfiles;
        /// People who own agents together.
        teams: Teams;
        /// People who own agents.
        people: People;
    }

    /// Asks whether the API takes the token.
    ///
    /// # Errors
    ///
    /// [`Error::is_unauthorized`] where it does not.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn check(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// match api.ping().await {
    ///     Err(error) if error.is_unauthorized() => println!("the token is not accepted"),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ping(&self) -> Result<(), Error> {
        self.connection.done(Call::get("ping", "/ping")).await
    }

    /// Reads the API's description of itself, a document of `OpenAPI` 3.
    ///
    /// # Errors
    ///
    /// As all requests: see [`prefactor::api`](crate::api#errors).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn read(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// let document: serde_json::Value = api.openapi().await?.get().unwrap_or_default();
    /// println!("{}", document["info"]["version"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn openapi(&self) -> Result<Json, Error> {
        let answer = self.connection.send(&Call::document("read the API's description", "/openapi")).await?;
        Ok(answer.document())
    }

    /// Carries out several actions in one request. The results are in the order of the actions.
    ///
    /// # Errors
    ///
    /// Where the API refuses the whole request. Refusals of single actions are in the results.
    pub async fn bulk(&self, bulk: Bulk) -> Result<Vec<BulkResult>, Error> {
        bulk.send(self.instances()).await
    }

    /// Has the API make ids, in the partition of the token's account.
    ///
    /// # Errors
    ///
    /// Where `count` is 0, or more than the API makes at once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn make(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// for id in api.generate_ids(10).await? {
    ///     println!("{id}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn generate_ids(&self, count: u32) -> Result<Vec<Pfid>, Error> {
        self.generate(count, None).await
    }

    /// Has the API make ids, in the partition of that account.
    ///
    /// # Errors
    ///
    /// As [`generate_ids`](ApiClient::generate_ids), and where the token may not see the account.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn make(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// let account = api.accounts().list().all().await?.remove(0).id;
    /// println!("{:?}", api.generate_ids_of(account, 10).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn generate_ids_of(
        &self,
        account_id: impl fmt::Display,
        count: u32,
    ) -> Result<Vec<Pfid>, Error> {
        self.generate(count, Some(account_id.to_string())).await
    }

    async fn generate(&self, count: u32, account_id: Option<String>) -> Result<Vec<Pfid>, Error> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Ids(Vec<String>);

        let mut body = Fields::default();
        body.set("count", count);
        if let Some(account_id) = account_id {
            body.set("account_id", account_id);
        }
        let call = Call::with_keys("generate ids", "/pfid/generate", body);
        let Ids(ids) = self.connection.send(&call).await?.member("pfids")?;
        ids.iter().map(|id| id.parse()).collect()
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiClient").finish_non_exhaustive()
    }
}
