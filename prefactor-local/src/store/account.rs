//! The one account, whose partition is in every identifier.

use rusqlite::OptionalExtension;

use super::work::Work;
use crate::{
    error_response::{ErrorResponse, Errors},
    pfid::Partition,
};

/// The account and its default environment.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) environment_id: String,
    pub(crate) partition: Partition,
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

    /// Takes the partition of the first agent that a client names, as long as no identifier has been
    /// given out: a client may go on to make its own identifiers from that agent's.
    pub(crate) fn adopt_partition(&mut self, partition: Partition) -> Result<(), ErrorResponse> {
        let used: bool = self.sql.query_row("SELECT EXISTS (SELECT 1 FROM agent)", (), |row| row.get(0))?;
        if !used {
            self.sql.execute("DELETE FROM account", ())?;
            self.write_account(partition)?;
        }
        Ok(())
    }

    /// The identifier for a new row: the client's own, if it is one of this account, or a new one.
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

    fn write_account(&mut self, partition: Partition) -> Result<(), ErrorResponse> {
        let ids = &mut self.state.ids;
        let (id, environment) = (ids.next(partition)?, ids.next(partition)?);
        self.state.account = None;
        self.sql.execute(
            "INSERT INTO account (id, environment_id, partition) VALUES (?1, ?2, ?3)",
            (id, environment, partition.bits()),
        )?;
        Ok(())
    }
}
