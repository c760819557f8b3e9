//! Agent versions and schema versions: the first request that names one creates it, and it never changes.

use rusqlite::OptionalExtension;

use super::work::Work;
use crate::{error_response::ErrorResponse, time::Time};

/// The agent version of a registration.
#[derive(Debug, Default)]
pub(crate) struct AgentVersion {
    /// The identifier that a client chose.
    pub(crate) id: Option<String>,
    pub(crate) external_identifier: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    /// The whole description as it was sent.
    pub(crate) content: String,
}

/// The schema version of a registration: a set of span types.
#[derive(Debug)]
pub(crate) struct SchemaVersion {
    pub(crate) external_identifier: Option<String>,
    pub(crate) span_types: Vec<SpanType>,
    /// The whole description as it was sent.
    pub(crate) content: String,
}

/// The label of a span type on the page.
#[derive(Debug)]
pub(crate) struct SpanType {
    pub(crate) name: String,
    pub(crate) title: String,
}

impl Work<'_> {
    /// Returns the version of that identifier. A new one also renames its agent.
    pub(super) fn ensure_agent_version(
        &mut self,
        agent: &str,
        version: &AgentVersion,
        schema: Option<&str>,
    ) -> Result<String, ErrorResponse> {
        let identifier = version.external_identifier.as_ref().or(version.name.as_ref());
        let identifier = identifier.map_or("default", String::as_str);
        let found = self
            .sql
            .prepare_cached("SELECT id FROM agent_version WHERE agent_id = ?1 AND external_identifier = ?2")?
            .query_row((agent, identifier), |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        let (id, now) = (self.new_id(version.id.as_deref())?, Time::now());
        self.sql.execute(
            "INSERT INTO agent_version (id, agent_id, external_identifier, content, agent_schema_version_id, inserted_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (&id, agent, identifier, &version.content, schema, now),
        )?;
        self.sql.execute(
            "UPDATE agent SET name = coalesce(?2, name), description = coalesce(?3, description), updated_at = ?4
             WHERE id = ?1",
            (agent, &version.name, &version.description, &now),
        )?;
        Ok(id)
    }

    /// Returns the schema version of that identifier. Without an identifier, equal content is the same version.
    pub(super) fn ensure_schema_version(
        &mut self,
        agent: &str,
        schema: &SchemaVersion,
    ) -> Result<String, ErrorResponse> {
        let identifier = schema.external_identifier.as_ref().unwrap_or(&schema.content);
        let found = self
            .sql
            .prepare_cached(
                "SELECT id FROM agent_schema_version WHERE agent_id = ?1 AND external_identifier = ?2",
            )?
            .query_row((agent, identifier), |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        let id = self.new_id(None)?;
        self.sql.execute(
            "INSERT INTO agent_schema_version (id, agent_id, external_identifier, content, inserted_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (&id, agent, identifier, &schema.content, Time::now()),
        )?;
        let mut insert = self.sql.prepare_cached(
            "INSERT OR REPLACE INTO span_type (agent_schema_version_id, name, title) VALUES (?1, ?2, ?3)",
        )?;
        for span_type in &schema.span_types {
            insert.execute((&id, &span_type.name, &span_type.title))?;
        }
        drop(insert);
        Ok(id)
    }
}
