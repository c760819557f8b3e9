//! `/agent`: programs that run.

use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, Query, filter, request};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::{objects, words};
use crate::types::error::Error;
use crate::types::json::Json;

const PATH: &str = "/agent";

words! {
    /// The state of an agent.
    AgentStatus {
        /// It has not run yet.
        Pending = "pending",
        /// It runs, or did so lately.
        Active = "active",
        /// It has not run for a while.
        Dormant = "dormant",
        /// It was retired.
        Retired = "retired",
    }
}

objects! {
    /// A program that runs as instances.
    Agent {
        /// Its id.
        id: String,
        /// Its name.
        name: String;
        /// Its state.
        status: Option<AgentStatus>,
        /// Its description, for people.
        description: Option<String>,
        /// The name that its makers know it by, unique in the account.
        external_identifier: Option<String>,
        /// The account that it belongs to.
        account_id: Option<String>,
        /// The person who answers for it.
        owner_person_id: Option<String>,
        /// The rules by which its risk is weighed.
        risk_profile_id: Option<String>,
        /// The team that it belongs to.
        team_id: Option<String>,
        /// How many runs it has.
        instance_counts: Option<InstanceCounts>,
        /// When its last span was recorded, in RFC 3339.
        last_activity_span_at: Option<String>,
    }

    /// How many runs an agent has, by status.
    InstanceCounts {
        ;
        /// All of them.
        total: u64,
        /// Those that have not started.
        pending: u64,
        /// Those that run.
        active: u64,
        /// Those that succeeded.
        complete: u64,
        /// Those that failed.
        failed: u64,
        /// Those that were cancelled before they started.
        cancelled: u64,
        /// Those that the platform ended.
        terminated: u64,
        /// Those that came to an end.
        finished: u64,
    }

    /// An agent, and its risk, which stands beside it in the answer.
    AgentDetail {
        /// The agent.
        agent: Agent;
        /// Its risk over all runs, where it was asked for and the agent has a risk profile.
        risk_rollup: Option<Json>,
    }
}

request! {
    /// An agent to be made.
    NewAgent(name) {
        /// Sets the description.
        with_description("description" text)
        /// Sets the name that its makers know it by, unique in the account. It can be set here only.
        with_external_identifier("external_identifier" text)
        /// Chooses its id, in the account's partition: see [`ApiClient::generate_ids`](crate::api::ApiClient::generate_ids).
        with_id("id" id)
        /// Sets the person who answers for it.
        with_owner_person_id("owner_person_id" text)
        /// Sets the rules by which its risk is weighed.
        with_risk_profile_id("risk_profile_id" text)
        /// Sets the team that it belongs to.
        with_team_id("team_id" text)
    }
}

request! {
    /// The changes to an agent. Members that are not named stay as they are.
    AgentChange() {
        /// Gives it another name.
        with_name("name" text)
        /// Gives it another description.
        with_description("description" text)
        /// Takes its description away.
        without_description("description" null)
        /// Sets the person who answers for it.
        with_owner_person_id("owner_person_id" text)
        /// Leaves it without a person.
        without_owner_person_id("owner_person_id" null)
        /// Sets the rules by which its risk is weighed.
        with_risk_profile_id("risk_profile_id" text)
        /// Leaves it without such rules.
        without_risk_profile_id("risk_profile_id" null)
        /// Sets the team that it belongs to.
        with_team_id("team_id" text)
        /// Leaves it without a team.
        without_team_id("team_id" null)
    }
}

filter! {
    /// Which agents a list has.
    AgentFilter {
        /// Those with that risk profile.
        risk_profile_id("risk_profile_id" text)
        /// Those of that team.
        team_id("team_id" text)
        /// Those of that person.
        owner_person_id("owner_person_id" text)
    }
}

group! {
    /// Requests on agents.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{AgentChange, AgentFilter, NewAgent};
    ///
    /// let agents = api.agents();
    /// let new = NewAgent::new("researcher").with_external_identifier("res-1");
    /// let agent = agents.create(new).await?;
    /// agents.update(&agent.id, AgentChange::new().with_description("Answers questions")).await?;
    /// let shown = agents.show_by_external_identifier("res-1").await?;
    /// println!("{:?} runs", shown.agent.instance_counts.map(|counts| counts.total));
    /// println!("{}", agents.show(&agent.id).await?.agent.name);
    /// # let staging = "013xrzp12g3nqk8n0000000000000001";
    /// println!("{}", agents.show_in_environment(&agent.id, staging).await?.agent.name);
    /// for agent in agents.list(AgentFilter::new()).all().await? {
    ///     println!("{} {:?}", agent.name, agent.status);
    /// }
    /// agents.retire(&agent.id).await?;
    /// agents.reinstate(&agent.id).await?;
    /// agents.delete(&agent.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Agents
}

impl Agents<'_> {
    /// Lists agents.
    pub fn list(&self, filter: AgentFilter) -> List<Agent> {
        List::new(self.connection, "list agents", PATH, filter.query)
    }

    /// Shows an agent.
    pub async fn get(&self, id: impl Display) -> Result<Agent, Error> {
        self.connection.details(Call::get("show an agent", path_of(PATH, id, ""))).await
    }

    /// Shows an agent with the counts of its runs and its risk.
    pub async fn show(&self, id: impl Display) -> Result<AgentDetail, Error> {
        self.show_by("agent_id", id.to_string(), None).await
    }

    /// Shows an agent as [`Agents::show`] does, with its counts and risk in that environment.
    pub async fn show_in_environment(
        &self,
        id: impl Display,
        environment_id: impl Into<String>,
    ) -> Result<AgentDetail, Error> {
        self.show_by("agent_id", id.to_string(), Some(environment_id.into())).await
    }

    /// Shows the agent with that name of its makers, as [`Agents::show`] does.
    pub async fn show_by_external_identifier(
        &self,
        identifier: impl Into<String>,
    ) -> Result<AgentDetail, Error> {
        self.show_by("external_identifier", identifier.into(), None).await
    }

    async fn show_by(
        &self,
        name: &'static str,
        value: String,
        environment_id: Option<String>,
    ) -> Result<AgentDetail, Error> {
        let mut query = Query::default();
        query.set(name, value);
        if let Some(environment_id) = environment_id {
            query.set("environment_id", environment_id);
        }
        query.set("include_counts", "true");
        query.set("include_risk_rollup", "true");
        let call = Call::get("show an agent", query.behind("/agent/show"));
        let mut answer = self.connection.send(&call).await?;
        let (agent, risk_rollup) = (answer.details()?, answer.optional("risk_rollup")?);
        Ok(AgentDetail { agent, risk_rollup, other: answer.rest() })
    }

    /// Makes an agent.
    pub async fn create(&self, agent: NewAgent) -> Result<Agent, Error> {
        self.connection.details(Call::once("create an agent", PATH, agent.fields.wrapped())).await
    }

    /// Changes an agent.
    pub async fn update(&self, id: impl Display, change: AgentChange) -> Result<Agent, Error> {
        self.connection.details(Call::put("update an agent", path_of(PATH, id, ""), &change.fields)).await
    }

    /// Takes an agent out of service.
    pub async fn retire(&self, id: impl Display) -> Result<Agent, Error> {
        let path = path_of(PATH, id, "/retire");
        self.connection.details(Call::once("retire an agent", path, Fields::default())).await
    }

    /// Takes an agent back into service.
    pub async fn reinstate(&self, id: impl Display) -> Result<Agent, Error> {
        let path = path_of(PATH, id, "/reinstate");
        self.connection.details(Call::once("reinstate an agent", path, Fields::default())).await
    }

    /// Deletes an agent.
    pub async fn delete(&self, id: impl Display) -> Result<(), Error> {
        self.connection.done(Call::delete("delete an agent", path_of(PATH, id, ""))).await
    }
}
