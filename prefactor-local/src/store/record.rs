//! Objects that people administer: environments, teams, people and risk profiles.
//!
//! They differ in their fields only, so one table holds them all, with the fields as a JSON object.

use rusqlite::{OptionalExtension, Row};
use serde_json::{Map, Value};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    work::{Reader, Work},
};
use crate::{error_response::ErrorResponse, time::Time};

const SELECT: &str = "SELECT r.*, (SELECT id FROM account) AS account_id FROM record r";

impl Rows {
    pub(crate) const RECORDS: Self = Self {
        select: SELECT,
        count: "SELECT count(*) FROM record r",
        fields: &[
            ("id", "r.id"),
            ("name", "r.name"),
            ("title", "r.name"),
            ("email", "r.content ->> 'email'"),
            ("timestamp", "r.inserted_at"),
            ("inserted_at", "r.inserted_at"),
            ("updated_at", "r.updated_at"),
        ],
        id: "r.id",
    };
}

impl Reader<'_> {
    pub(crate) fn records(
        &self,
        kind: &'static str,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Value>, Pagination), ErrorResponse> {
        self.list(&Rows::RECORDS, filter.and("r.kind = ?", Some(kind.to_owned())), sorted, page, read)
    }

    pub(crate) fn record(&self, kind: &'static str, id: &str) -> Result<Value, ErrorResponse> {
        let select = [SELECT, " WHERE r.kind = ?1 AND r.id = ?2"].concat();
        let record = self.sql.prepare_cached(&select)?.query_row((kind, id), read).optional()?;
        record.ok_or_else(|| ErrorResponse::not_found(&kind.replace('_', " ")))
    }
}

impl Work<'_> {
    /// Creates an object with these fields, `name` among them.
    pub(crate) fn create_record(
        &mut self,
        kind: &'static str,
        own_id: Option<&str>,
        fields: &Map<String, Value>,
    ) -> Result<Value, ErrorResponse> {
        let (id, now) = (self.new_id(own_id)?, Time::now());
        let taken = self.sql.prepare_cached("SELECT 1 FROM record WHERE id = ?1")?.exists([&id])?;
        if taken {
            return Err(ErrorResponse::conflict("an object with this id exists"));
        }
        self.insert_record(kind, &id, fields, now)?;
        self.record(kind, &id)
    }

    pub(super) fn insert_record(
        &mut self,
        kind: &'static str,
        id: &str,
        fields: &Map<String, Value>,
        now: Time,
    ) -> Result<(), ErrorResponse> {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO record (id, kind, name, content, inserted_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )?;
        insert.execute((id, kind, name, serde_json::to_string(fields)?, now))?;
        Ok(())
    }

    /// Sets the given fields and leaves the others; `null` clears one.
    pub(crate) fn update_record(
        &mut self,
        kind: &'static str,
        id: &str,
        fields: &Map<String, Value>,
    ) -> Result<Value, ErrorResponse> {
        self.record(kind, id)?;
        let mut update = self.sql.prepare_cached(
            "UPDATE record SET content = json_patch(content, ?2), updated_at = ?3 WHERE id = ?1",
        )?;
        update.execute((id, serde_json::to_string(fields)?, Time::now()))?;
        self.sql
            .prepare_cached("UPDATE record SET name = coalesce(content ->> 'name', name) WHERE id = ?1")?
            .execute([id])?;
        self.record(kind, id)
    }

    /// Deletes an object and all references to it, and returns it as it was.
    pub(crate) fn delete_record(&mut self, kind: &'static str, id: &str) -> Result<Value, ErrorResponse> {
        let record = self.record(kind, id)?;
        let is_deployed = self
            .sql
            .prepare_cached("SELECT 1 FROM agent_deployment WHERE environment_id = ?1")?
            .exists([id])?;
        if is_deployed || self.account()?.environment_id == id {
            return Err(ErrorResponse::invalid_action("agents run in this environment"));
        }
        for statement in [
            "UPDATE agent SET owner_person_id = NULL WHERE owner_person_id = ?1",
            "UPDATE agent SET risk_profile_id = NULL WHERE risk_profile_id = ?1",
            "UPDATE agent SET team_id = NULL WHERE team_id = ?1",
            "UPDATE record SET content = json_remove(content, '$.team_id') WHERE content ->> 'team_id' = ?1",
            "DELETE FROM record WHERE id = ?1",
        ] {
            self.sql.execute(statement, [id])?;
        }
        Ok(record)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    let content: String = row.get("content")?;
    let mut record: Map<String, Value> = serde_json::from_str(&content).unwrap_or_default();
    for name in ["id", "account_id"] {
        record.insert(name.to_owned(), row.get::<_, String>(name)?.into());
    }
    record.insert("type".to_owned(), row.get::<_, String>("kind")?.into());
    for name in ["inserted_at", "updated_at"] {
        record.insert(name.to_owned(), row.get::<_, Time>(name)?.to_string().into());
    }
    Ok(record.into())
}
