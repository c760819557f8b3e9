//! `/agent_instance`: runs of agents.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::SystemTime;

use serde::Serialize;

use crate::api::call::{Call, new_key, path_of};
use crate::api::fields::{Fields, filter, object, query, rfc3339};
use crate::api::finish::Finish;
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::{objects, words};
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::registration::Registration;
use crate::types::status::InstanceStatus;
use crate::wire;

const PATH: &str = "/agent_instance";

words! {
    /// The state of a run or a span.
    Status {
        /// Not started.
        Pending = "pending",
        /// Under way.
        Active = "active",
        /// Succeeded.
        Complete = "complete",
        /// Failed.
        Failed = "failed",
        /// Cancelled.
        Cancelled = "cancelled",
        /// Ended by the platform. Runs only.
        Terminated = "terminated",
    }
}

impl Status {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Cancelled | Self::Terminated)
    }
}

objects! {
    /// One run of an agent.
    Instance {
        /// Its id.
        id: String,
        /// The agent that runs.
        agent_id: String,
        /// Its state.
        status: Status;
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The version of the agent.
        agent_version_id: Option<String>,
        /// Where it runs.
        environment_id: Option<String>,
        /// The agent in that environment. Not in lists.
        agent_deployment_id: Option<String>,
        /// Why it runs: `live`, `smoke_test` or `eval`.
        purpose: Option<String>,
        /// The name that the program gave it.
        external_identifier: Option<String>,
        /// Why the platform ended it.
        termination_reason: Option<String>,
        /// When it started, in RFC 3339.
        started_at: Option<String>,
        /// When it ended, in RFC 3339.
        finished_at: Option<String>,
        /// When it was registered, in RFC 3339.
        inserted_at: Option<String>,
        /// When its last span was recorded, in RFC 3339.
        last_activity_span_at: Option<String>,
        /// How many spans it has. Not in lists.
        span_counts: Option<SpanCounts>,
        /// How many alerts are raised, where it was asked for.
        raised_alert_count: Option<u64>,
        /// The recorded qualities, by name. Not in lists.
        quality_payloads: BTreeMap<String, Json>,
        /// The same as texts, where the schema has a template.
        quality_summaries: BTreeMap<String, String>,
        /// The cost of its model calls, if it was asked for.
        cost_breakdown: Option<CostBreakdown>,
        /// How its risk is scored, where it was asked for and the agent has a risk profile.
        risk_score: Option<Json>,
    }

    /// How many spans a run has, by status.
    SpanCounts {
        ;
        /// All of them.
        total: u64,
        /// Those that have not started.
        pending: u64,
        /// Those that are under way.
        active: u64,
        /// Those that succeeded.
        complete: u64,
        /// Those that failed.
        failed: u64,
        /// Those that were cancelled.
        cancelled: u64,
        /// Those that came to an end.
        finished: u64,
    }

    /// Tokens and costs of a run.
    CostBreakdown {
        ;
        /// Tokens that models read.
        input: u64,
        /// Tokens that models wrote.
        output: u64,
        /// Tokens that came from caches.
        cache_read: u64,
        /// The cost of the input tokens.
        input_cost: f64,
        /// The cost of the output tokens.
        output_cost: f64,
        /// The cost of cached tokens.
        cache_read_cost: f64,
        /// The cost of all tokens.
        total_cost: f64,
        /// The same by provider and model.
        groups: Vec<Json>,
    }

    /// A run as one document, for a reader that is a program.
    AgentContext {
        /// The document: its `format` and its `spans`.
        body: Json;
        /// When it was made, in RFC 3339.
        generated_at: Option<String>,
        /// How many spans it has.
        span_count: u64,
    }
}

filter! {
    /// Which runs a list has. The API cannot filter them by status or time.
    InstanceFilter {
        /// Those of that agent.
        agent_id("agent_id" text)
        /// Those of that version of an agent.
        agent_version_id("agent_version_id" text)
    }
}

query! {
    /// The details of a run that are sent on request.
    InstanceDetails {
        /// The counts of its spans.
        with_counts("include_counts" flag)
        /// The cost of its model calls.
        with_costs("include_costs" flag)
        /// How its risk is scored.
        with_risk_score("include_risk_score" flag)
        /// The count of raised alerts.
        with_alert_count("include_alert_count" flag)
    }
}

group! {
    /// Requests on runs.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{InstanceDetails, InstanceFilter};
    ///
    /// use prefactor::{InstanceStatus, Registration};
    ///
    /// let instances = api.instances();
    /// let run = instances.register(Registration::new("judge").with_external_identifier("nightly-7")).await?;
    /// instances.start(&run.id).await?;
    /// instances.record_quality(&run.id, "rating", Some(&serde_json::json!({ "stars": 4 }))).await?;
    /// let ended = instances.finish(&run.id, InstanceStatus::Complete).await?;
    /// println!("ended before: {}", ended.is_already_finished());
    ///
    /// let details = InstanceDetails::new().with_counts().with_costs();
    /// println!("{:?}", instances.show(&run.id, InstanceDetails::new()).await?.status);
    /// let shown = instances.show_by_external_identifier("nightly-7", details).await?;
    /// println!("{:?} spans, {:?} USD", shown.span_counts.map(|of| of.total), shown.cost_breakdown.map(|of| of.total_cost));
    /// let active = instances.list(InstanceFilter::new().agent_id(&run.agent_id)).all().await?;
    /// for run in active.iter().filter(|run| !run.status.is_final()) {
    ///     let _ = instances.terminate(&run.id, "maintenance").await?;
    /// }
    /// println!("{} spans in one document", instances.agent_context(&run.id).await?.span_count);
    /// # Ok(())
    /// # }
    /// ```
    Instances
}

impl Instances<'_> {
    /// Registers a run: it is `pending` until it is started.
    ///
    /// The agent's and the environment's id, and the schemas, are those of the client's builder unless the registration says
    /// otherwise. Session, user, tags and metadata are not sent: the API has no place for them, and delivery sends them with the
    /// spans.
    pub async fn register(&self, registration: impl Into<Registration>) -> Result<Instance, Error> {
        let body = self.registration(&registration.into());
        let call = Call::with_keys("register a run", "/agent_instance/register", body);
        self.connection.details(call).await
    }

    pub(super) fn registration(self, of: &Registration) -> Fields {
        let identifier = of.external_identifier.as_deref();
        let body = wire::registration(of, identifier, &self.connection.identity, &new_key());
        Fields(body.as_object().cloned().unwrap_or_default())
    }

    /// Starts a run now.
    pub async fn start(&self, id: impl Display) -> Result<Instance, Error> {
        self.start_at(id, SystemTime::now()).await
    }

    /// Starts a run at that time.
    pub async fn start_at(&self, id: impl Display, time: SystemTime) -> Result<Instance, Error> {
        let mut body = Fields::default();
        body.set("timestamp", rfc3339(time));
        self.connection.details(Call::once("start a run", path_of(PATH, id, "/start"), body)).await
    }

    /// Ends a run now. One that was ended before, by whomever, is no error.
    pub async fn finish(&self, id: impl Display, status: InstanceStatus) -> Result<Finish<Instance>, Error> {
        self.finish_at(id, status, SystemTime::now()).await
    }

    /// Ends a run at that time.
    pub async fn finish_at(
        &self,
        id: impl Display,
        status: InstanceStatus,
        time: SystemTime,
    ) -> Result<Finish<Instance>, Error> {
        let mut body = Fields::default();
        body.set("status", status.as_str());
        body.set("timestamp", rfc3339(time));
        let call = Call::once("finish a run", path_of(PATH, id, "/finish"), body);
        Finish::of(self.connection.details(call).await)
    }

    /// Ends a run from outside: its agent finds out with its next span, or within 30 seconds.
    pub async fn terminate(
        &self,
        id: impl Display,
        reason: impl Into<String>,
    ) -> Result<Finish<Instance>, Error> {
        let mut body = Fields::default();
        body.set("reason", reason.into());
        let call = Call::once("terminate a run", path_of(PATH, id, "/terminate"), body);
        Finish::of(self.connection.details(call).await)
    }

    /// Says how good a run was, under a name that its quality schemas have. `None` takes it back. A run that has ended takes it
    /// as well.
    pub async fn record_quality<T: Serialize + ?Sized>(
        &self,
        id: impl Display,
        name: impl Into<String>,
        payload: Option<&T>,
    ) -> Result<Instance, Error> {
        let mut body = Fields::default();
        body.set("name", name.into());
        body.set("payload", payload.map(object));
        let call = Call::once("record the quality of a run", path_of(PATH, id, "/record_quality"), body);
        self.connection.details(call).await
    }

    /// Shows a run.
    pub async fn get(&self, id: impl Display) -> Result<Instance, Error> {
        self.connection.details(Call::get("show a run", path_of(PATH, id, ""))).await
    }

    /// Shows a run with more than its own members.
    pub async fn show(&self, id: impl Display, details: InstanceDetails) -> Result<Instance, Error> {
        self.show_by("agent_instance_id", id.to_string(), details).await
    }

    /// Shows the run that a program gave that name.
    pub async fn show_by_external_identifier(
        &self,
        identifier: impl Into<String>,
        details: InstanceDetails,
    ) -> Result<Instance, Error> {
        self.show_by("external_identifier", identifier.into(), details).await
    }

    async fn show_by(
        &self,
        name: &'static str,
        value: String,
        details: InstanceDetails,
    ) -> Result<Instance, Error> {
        let mut query = details.query;
        query.set(name, value);
        self.connection.details(Call::get("show a run", query.behind("/agent_instance/show"))).await
    }

    /// Lists runs.
    pub fn list(&self, filter: InstanceFilter) -> List<Instance> {
        List::new(self.connection, "list runs", PATH, filter.query)
    }

    /// Gives a run as one document.
    pub async fn agent_context(&self, id: impl Display) -> Result<AgentContext, Error> {
        let call = Call::get("read the context of a run", path_of(PATH, id, "/agent_context"));
        self.connection.send(&call).await?.member("agent_context")
    }
}
