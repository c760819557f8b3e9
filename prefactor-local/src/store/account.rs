//! The one account, whose partition is in every identifier.

use rusqlite::{OptionalExtension, Row};
use serde_json::{Value, json};

use super::{
    list::{Filter, Page, Pagination, Rows, Sorted},
    work::{Account, Reader, Work},
};
use crate::{
    error_response::{ErrorResponse, Errors},
    pfid::Partition,
    time::Time,
};

impl Rows {
    pub(crate) const ACCOUNTS: Self = Self {
        select: "SELECT * FROM account c",
        count: "SELECT count(*) FROM account c",
        fields: &[("id", "c.id"), ("name", "c.name")],
        id: "c.id",
    };
}

impl Reader<'_> {
    /// Returns a list of the only account.
    pub(crate) fn accounts(
        &self,
        filter: Filter,
        sorted: Sorted,
        page: Page,
    ) -> Result<(Vec<Value>, Pagination), ErrorResponse> {
        self.list(&Rows::ACCOUNTS, filter, sorted, page, read)
    }

    /// Returns the account in the form of the API; an error if `id` is not its identifier.
    pub(crate) fn show_account(&self, id: &str) -> Result<Value, ErrorResponse> {
        let mut statement = self.sql.prepare_cached("SELECT * FROM account WHERE id = ?1")?;
        let account = statement.query_row([id], read).optional()?;
        account.ok_or_else(|| ErrorResponse::not_found("account"))
    }
}

impl Work<'_> {
    /// Creates the account of a new database.
    pub(super) fn ensure_account(&mut self, partition: Partition) -> Result<(), ErrorResponse> {
        let found = self.sql.query_row("SELECT 1 FROM account", (), |_| Ok(())).optional()?;
        if found.is_none() {
            self.write_account(partition)?;
        }
        Ok(())
    }

    pub(crate) fn account(&mut self) -> Result<&Account, ErrorResponse> {
        if self.state.account.is_none() {
            let mut statement =
                self.sql.prepare_cached("SELECT id, environment_id, partition FROM account")?;
            self.state.account = Some(statement.query_row((), |row| {
                Ok(Account {
                    id: row.get(0)?,
                    environment_id: row.get(1)?,
                    partition: Partition::from_bits(row.get(2)?),
                })
            })?);
        }
        self.state.account.as_ref().ok_or_else(|| ErrorResponse::internal("no account"))
    }

    /// Takes the partition of the first agent that a client names, as long as nothing else has an identifier. The
    /// client may go on to make its own identifiers from that agent's.
    pub(crate) fn adopt_partition(&mut self, partition: Partition) -> Result<(), ErrorResponse> {
        if self.account()?.partition == partition {
            return Ok(());
        }
        let used: bool = self.sql.query_row(
            "SELECT EXISTS (SELECT 1 FROM agent) OR (SELECT count(*) FROM record) > 1",
            (),
            |row| row.get(0),
        )?;
        if !used {
            self.sql.execute("DELETE FROM record WHERE id = (SELECT environment_id FROM account)", ())?;
            self.sql.execute("DELETE FROM account", ())?;
            self.write_account(partition)?;
        }
        Ok(())
    }

    /// Returns the identifier for a new row: the client's own, if it has this account's partition, or a new one.
    pub(crate) fn new_id(&mut self, own: Option<&str>) -> Result<String, ErrorResponse> {
        let ours = self.account()?.partition;
        match own {
            None => Ok(self.state.ids.next(ours)?),
            Some(id) => {
                let mut errors = Errors::default();
                match Partition::of(id) {
                    None => errors.add("id", "must be a PFID"),
                    Some(partition) if partition != ours => {
                        errors.add("id", "must have the partition of the account");
                    }
                    Some(_) => {}
                }
                errors.check()?;
                Ok(id.to_owned())
            }
        }
    }

    pub(crate) fn rename_account(&mut self, id: &str, name: &str) -> Result<Value, ErrorResponse> {
        self.show_account(id)?;
        self.sql.execute("UPDATE account SET name = ?1, updated_at = ?2", (name, Time::now()))?;
        self.show_account(id)
    }

    /// Makes `count` new identifiers, oldest first.
    pub(crate) fn generate_ids(&mut self, count: usize) -> Result<Vec<String>, ErrorResponse> {
        (0..count).map(|_| self.new_id(None)).collect()
    }

    fn write_account(&mut self, partition: Partition) -> Result<(), ErrorResponse> {
        let ids = &mut self.state.ids;
        let (id, environment) = (ids.next(partition)?, ids.next(partition)?);
        self.state.account = None;
        let now = Time::now();
        self.sql.execute(
            "INSERT INTO account (id, environment_id, partition, name, inserted_at, updated_at)
             VALUES (?1, ?2, ?3, 'local', ?4, ?4)",
            (&id, &environment, partition.bits(), now),
        )?;
        let name = [("name".to_owned(), "local".into())].into_iter().collect();
        self.insert_record("environment", &environment, &name, now)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Value> {
    let (id, name): (String, String) = (row.get("id")?, row.get("name")?);
    let (inserted_at, updated_at): (Time, Time) = (row.get("inserted_at")?, row.get("updated_at")?);
    Ok(
        json!({"type": "account", "id": id, "name": name, "inserted_at": inserted_at, "updated_at": updated_at}),
    )
}
