//! `/agent_version`, `/agent_schema_version` and `/agent_deployment`: releases of agents and their deployments.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::api::call::{Call, path_of};
use crate::api::fields::{Fields, filter, request};
use crate::api::group::group;
use crate::api::list::List;
use crate::api::objects::objects;
use crate::types::error::Error;
use crate::types::json::Json;
use crate::types::schema::registry::SchemaRegistry;

const VERSIONS: &str = "/agent_version";
const SCHEMA_VERSIONS: &str = "/agent_schema_version";
const DEPLOYMENTS: &str = "/agent_deployment";

objects! {
    /// A release of an agent.
    AgentVersion {
        /// Its id.
        id: String,
        /// The agent.
        agent_id: String;
        /// The name that its makers know it by, unique for the agent.
        external_identifier: Option<String>,
        /// Its name, for people.
        name: Option<String>,
        /// Its description, for people.
        description: Option<String>,
        /// The schema version of its spans.
        agent_schema_version_id: Option<String>,
        /// Its environment: compiler or interpreter, system, SDKs.
        runtime_environment: Option<Json>,
        /// The deployments that it is the current version of.
        current_agent_deployment_refs: Vec<Json>,
    }

    /// Schemas of an agent's spans, qualities and alerts.
    SchemaVersion {
        /// Its id.
        id: String,
        /// The agent.
        agent_id: String;
        /// The name that tells its content.
        external_identifier: Option<String>,
        /// The types of spans by name, each with the problems of its schemas. Not in lists.
        span_type_schemas: BTreeMap<String, Json>,
        /// The schemas of quality by name. Not in lists.
        quality_schemas: BTreeMap<String, Json>,
        /// The schemas of alerts by name. Not in lists.
        alert_schemas: BTreeMap<String, Json>,
        /// How many types of spans it has. In lists.
        span_schemas_count: Option<u64>,
    }

    /// An agent in an environment.
    Deployment {
        /// Its id.
        id: String,
        /// The agent.
        agent_id: String,
        /// The environment.
        environment_id: String;
        /// The account that they belong to.
        account_id: Option<String>,
        /// The version that runs there.
        current_version_id: Option<String>,
    }
}

request! {
    /// A version to be made. Registering a run makes the one that it names as well.
    NewAgentVersion(agent_id, external_identifier) {
        /// Sets its name, for people.
        with_name("name" text)
        /// Sets the description.
        with_description("description" text)
        /// Sets the schema version of its spans.
        with_schema_version_id("agent_schema_version_id" text)
        /// Sets its runtime environment.
        with_runtime_environment("runtime_environment" json)
        /// Chooses its id, in the account's partition.
        with_id("id" id)
    }
}

request! {
    /// A deployment to be made. A token for an agent in an environment makes it as well.
    NewDeployment(agent_id, environment_id) {
        /// Sets the version that runs there.
        with_current_version_id("current_version_id" text)
        /// Chooses its id, in the account's partition.
        with_id("id" id)
    }
}

filter! {
    /// Which versions or deployments a list has.
    VersionFilter {
        /// Those of that agent.
        agent_id("agent_id" text)
    }
}

group! {
    /// Requests on versions of agents.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{NewAgentVersion, VersionFilter};
    ///
    /// # let agent = "013xrzp12g3nqk8n0000000000000000";
    /// let version = api.agent_versions().create(NewAgentVersion::new(agent, "2.1.0").with_name("Researcher")).await?;
    /// println!("{:?}", api.agent_versions().get(&version.id).await?.runtime_environment);
    /// for version in api.agent_versions().list(VersionFilter::new().agent_id(agent)).all().await? {
    ///     println!("{:?}", version.external_identifier);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    AgentVersions
}

impl AgentVersions<'_> {
    /// Lists versions.
    pub fn list(&self, filter: VersionFilter) -> List<AgentVersion> {
        List::new(self.connection, "list agent versions", VERSIONS, filter.query)
    }

    /// Shows a version.
    pub async fn get(&self, id: impl Display) -> Result<AgentVersion, Error> {
        self.connection.details(Call::get("show an agent version", path_of(VERSIONS, id, ""))).await
    }

    /// Makes a version.
    pub async fn create(&self, version: NewAgentVersion) -> Result<AgentVersion, Error> {
        let body = version.fields.wrapped();
        self.connection.details(Call::each_time("create an agent version", VERSIONS, body)).await
    }
}

group! {
    /// Requests on schema versions.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::schema::{SchemaRegistry, SpanType};
    ///
    /// # let agent = "013xrzp12g3nqk8n0000000000000000";
    /// let mut schemas = SchemaRegistry::new();
    /// schemas.add(SpanType::new("agent:llm_call").title("Model call"))?;
    /// let version = api.schema_versions().create(agent, &schemas).await?;
    /// for (name, checked) in api.schema_versions().get(&version.id).await?.span_type_schemas {
    ///     println!("{name}: {checked:?}"); // with the problems of its schemas
    /// }
    /// # Ok(())
    /// # }
    /// ```
    SchemaVersions
}

impl SchemaVersions<'_> {
    /// Lists schema versions.
    pub fn list(&self, filter: VersionFilter) -> List<SchemaVersion> {
        List::new(self.connection, "list schema versions", SCHEMA_VERSIONS, filter.query)
    }

    /// Shows a schema version, with the problems of its schemas.
    pub async fn get(&self, id: impl Display) -> Result<SchemaVersion, Error> {
        self.connection.details(Call::get("show a schema version", path_of(SCHEMA_VERSIONS, id, ""))).await
    }

    /// Makes a schema version, under an identifier that tells its content.
    pub async fn create(
        &self,
        agent_id: impl Display,
        schemas: &SchemaRegistry,
    ) -> Result<SchemaVersion, Error> {
        let mut fields = Fields(schemas.to_json().as_object().cloned().unwrap_or_default());
        fields.set("agent_id", agent_id.to_string());
        let body = fields.wrapped();
        self.connection.details(Call::each_time("create a schema version", SCHEMA_VERSIONS, body)).await
    }
}

group! {
    /// Requests on deployments.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// use prefactor::api::{NewDeployment, VersionFilter};
    ///
    /// # let (agent, environment) = ("013xrzp12g3nqk8n0000000000000000", "013xrzp12g3nqk8n0000000000000001");
    /// # let version = "013xrzp12g3nqk8n0000000000000002";
    /// let deployment = api.deployments().create(NewDeployment::new(agent, environment)).await?;
    /// api.deployments().set_current_version(&deployment.id, Some(version)).await?;
    /// for deployment in api.deployments().list(VersionFilter::new().agent_id(agent)).all().await? {
    ///     println!("{} {:?}", deployment.environment_id, deployment.current_version_id);
    /// }
    /// api.deployments().delete(&deployment.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Deployments
}

impl Deployments<'_> {
    /// Lists deployments.
    pub fn list(&self, filter: VersionFilter) -> List<Deployment> {
        List::new(self.connection, "list deployments", DEPLOYMENTS, filter.query)
    }

    /// Shows a deployment.
    pub async fn get(&self, id: impl Display) -> Result<Deployment, Error> {
        self.connection.details(Call::get("show a deployment", path_of(DEPLOYMENTS, id, ""))).await
    }

    /// Makes a deployment.
    pub async fn create(&self, deployment: NewDeployment) -> Result<Deployment, Error> {
        let body = deployment.fields.wrapped();
        self.connection.details(Call::each_time("create a deployment", DEPLOYMENTS, body)).await
    }

    /// Sets the version that runs there. `None` leaves it without one.
    pub async fn set_current_version(
        &self,
        id: impl Display,
        version_id: Option<&str>,
    ) -> Result<Deployment, Error> {
        let mut fields = Fields::default();
        fields.set("current_version_id", version_id);
        self.connection.details(Call::put("update a deployment", path_of(DEPLOYMENTS, id, ""), &fields)).await
    }

    /// Deletes a deployment.
    pub async fn delete(&self, id: impl Display) -> Result<(), Error> {
        self.connection.done(Call::delete("delete a deployment", path_of(DEPLOYMENTS, id, ""))).await
    }
}
