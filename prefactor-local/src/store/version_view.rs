//! Agent versions and schema versions in the form of the API.

use rusqlite::{OptionalExtension, Row};
use serde_json::{Value, json};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    version::{AgentVersion, SchemaVersion},
    work::{Reader, Work},
};
use crate::{error_response::ErrorResponse, schema::DataRisk, time::Time};

const VERSIONS: &str = "SELECT v.*, (SELECT id FROM account) AS account_id FROM agent_version v";
const SCHEMAS: &str = "SELECT v.*, (SELECT id FROM account) AS account_id FROM agent_schema_version v";

impl Rows {
    pub(crate) const AGENT_VERSIONS: Self = Self {
        select: VERSIONS,
        count: "SELECT count(*) FROM agent_version v",
        fields: &[
            ("id", "v.id"),
            ("name", "v.content ->> 'name'"),
            ("external_identifier", "v.external_identifier"),
            ("inserted_at", "v.inserted_at"),
        ],
        id: "v.id",
    };

    pub(crate) const SCHEMA_VERSIONS: Self = Self {
        select: SCHEMAS,
        count: "SELECT count(*) FROM agent_schema_version v",
        fields: &[
            ("id", "v.id"),
            ("external_identifier", "v.external_identifier"),
            ("inserted_at", "v.inserted_at"),
        ],
        id: "v.id",
    };
}

/// A row, with the identifiers of its schema version and of itself for later queries.
type Found = (Value, Option<String>);

impl Reader<'_> {
    pub(crate) fn agent_versions(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Value>, Pagination), ErrorResponse> {
        let (rows, pagination) = self.list(&Rows::AGENT_VERSIONS, filter, sorted, page, read_version)?;
        let versions = rows.into_iter().map(|found| self.whole_version(found)).collect::<Result<_, _>>()?;
        Ok((versions, pagination))
    }

    pub(crate) fn agent_version(&self, id: &str) -> Result<Value, ErrorResponse> {
        let select = [VERSIONS, " WHERE v.id = ?1"].concat();
        let found = self.sql.prepare_cached(&select)?.query_row([id], read_version).optional()?;
        self.whole_version(found.ok_or_else(|| ErrorResponse::not_found("agent version"))?)
    }

    /// Adds the deployments of a version, and the most sensitive data that its spans are declared to hold.
    fn whole_version(&self, (mut version, schema): Found) -> Result<Value, ErrorResponse> {
        let id = version["id"].as_str().unwrap_or_default().to_owned();
        let mut statement = self.sql.prepare_cached(
            "SELECT id, environment_id FROM agent_deployment WHERE current_version_id = ?1 ORDER BY id",
        )?;
        let refs = statement.query_map([&id], |row| {
            let (id, environment): (String, String) = (row.get(0)?, row.get(1)?);
            Ok(json!({"id": id, "environment_id": environment}))
        })?;
        version["current_agent_deployment_refs"] = refs.collect::<Result<Vec<_>, _>>()?.into();
        let declared = schema.map(|schema| self.declared(&schema)).transpose()?;
        let types = declared.iter().flat_map(|declared| &declared.span_type_schemas);
        version["theoretical_classification"] =
            DataRisk::peak(types.clone().map(|(_, declared)| declared.data_risk.classification())).into();
        let mut statement = self.sql.prepare_cached(
            "SELECT 1 FROM agent_instance i JOIN agent_span s ON s.agent_instance_id = i.id
             WHERE i.agent_version_id = ?1 AND s.schema_name = ?2",
        )?;
        let mut observed = Vec::new();
        for (name, declared) in types {
            if statement.exists((&id, name))? {
                observed.push(declared.data_risk.classification());
            }
        }
        version["observed_classification"] = DataRisk::peak(observed.into_iter()).into();
        Ok(version)
    }

    pub(crate) fn schema_versions(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Value>, Pagination), ErrorResponse> {
        let (rows, pagination) = self.list(&Rows::SCHEMA_VERSIONS, filter, sorted, page, read_schema)?;
        let mut versions = Vec::with_capacity(rows.len());
        for mut version in rows {
            let id = version["id"].as_str().unwrap_or_default().to_owned();
            version["span_schemas_count"] = self.declared(&id)?.span_type_schemas.len().into();
            versions.push(version);
        }
        Ok((versions, pagination))
    }

    /// Returns a schema version with its declarations as maps by name.
    pub(crate) fn schema_version(&self, id: &str) -> Result<Value, ErrorResponse> {
        let select = [SCHEMAS, " WHERE v.id = ?1"].concat();
        let version = self.sql.prepare_cached(&select)?.query_row([id], read_schema).optional()?;
        let mut version = version.ok_or_else(|| ErrorResponse::not_found("agent schema version"))?;
        let declared = self.declared(id)?;
        version["span_schemas_count"] = declared.span_type_schemas.len().into();
        for (name, value) in serde_json::to_value(&*declared)?.as_object().into_iter().flatten() {
            version[name] = value.clone();
        }
        Ok(version)
    }
}

impl Work<'_> {
    /// Creates a version of an agent; an error if its identifier is taken, which a registration would reuse.
    pub(crate) fn create_agent_version(
        &mut self,
        agent: &str,
        version: &AgentVersion,
        schema: Option<&str>,
    ) -> Result<Value, ErrorResponse> {
        self.agent(agent)?;
        if let Some(schema) = schema {
            self.schema_version(schema)?;
        }
        self.unused(
            "SELECT 1 FROM agent_version WHERE agent_id = ?1 AND external_identifier = ?2",
            agent,
            version.external_identifier.as_deref(),
        )?;
        let id = self.ensure_agent_version(agent, version, schema)?;
        self.agent_version(&id)
    }

    /// Creates a schema version of an agent in the same way.
    pub(crate) fn create_schema_version(
        &mut self,
        agent: &str,
        schema: &SchemaVersion,
    ) -> Result<Value, ErrorResponse> {
        self.agent(agent)?;
        self.unused(
            "SELECT 1 FROM agent_schema_version WHERE agent_id = ?1 AND external_identifier = ?2",
            agent,
            schema.external_identifier.as_deref(),
        )?;
        let id = self.ensure_schema_version(agent, schema)?;
        self.schema_version(&id)
    }

    fn unused(
        &self,
        select: &'static str,
        agent: &str,
        identifier: Option<&str>,
    ) -> Result<(), ErrorResponse> {
        if self.sql.prepare_cached(select)?.exists((agent, identifier))? {
            return Err(ErrorResponse::conflict("the agent has a version with this external identifier"));
        }
        Ok(())
    }
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<Found> {
    let content: String = row.get("content")?;
    let content: Value = serde_json::from_str(&content).unwrap_or_default();
    let schema: Option<String> = row.get("agent_schema_version_id")?;
    let mut version = read_common(row, "agent_version")?;
    for name in ["name", "description", "runtime_environment"] {
        version[name] = content[name].clone();
    }
    version["agent_schema_version_id"] = schema.clone().into();
    version["external_identifier_repeats"] = false.into();
    Ok((version, schema))
}

fn read_schema(row: &Row<'_>) -> rusqlite::Result<Value> {
    read_common(row, "agent_schema_version")
}

fn read_common(row: &Row<'_>, kind: &str) -> rusqlite::Result<Value> {
    let (id, account_id): (String, String) = (row.get("id")?, row.get("account_id")?);
    let (agent_id, external_identifier): (String, String) =
        (row.get("agent_id")?, row.get("external_identifier")?);
    let inserted_at: Time = row.get("inserted_at")?;
    Ok(json!({
        "type": kind,
        "id": id,
        "account_id": account_id,
        "agent_id": agent_id,
        "external_identifier": external_identifier,
        "inserted_at": inserted_at,
        "updated_at": inserted_at,
    }))
}
