//! Settings that the server stores about itself.

use rusqlite::OptionalExtension;

use super::work::{Reader, Work};
use crate::{error_response::ErrorResponse, pfid::Partition};

/// The token and the identifiers for a client with an account-wide token; the same for the same database.
#[derive(Clone, Debug)]
pub(crate) struct Development {
    /// Accepted unless another token is prescribed.
    pub(crate) token: String,
    pub(crate) account_id: String,
    pub(crate) environment_id: String,
    /// An agent that its first registration creates.
    pub(crate) agent_id: String,
}

impl Reader<'_> {
    pub(super) fn setting(&self, name: &str) -> Result<Option<String>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}

impl Work<'_> {
    pub(super) fn set(&self, name: &str, value: &str) -> Result<(), ErrorResponse> {
        self.sql
            .prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
            .execute((name, value))?;
        Ok(())
    }

    pub(crate) fn development(&mut self) -> Result<Development, ErrorResponse> {
        let token = match self.setting("development_token")? {
            Some(token) => token,
            None => {
                let token = random_token("pf_local_")?;
                self.set("development_token", &token)?;
                token
            }
        };
        let (account_id, environment_id, partition) = {
            let account = self.account()?;
            (account.id.clone(), account.environment_id.clone(), account.partition)
        };
        let agent_id = match self.setting("development_agent_id")? {
            // The account may have adopted the partition of a client's agent since the setting was written.
            Some(id) if Partition::of(&id) == Some(partition) => id,
            _ => {
                let id = self.new_id(None)?;
                self.set("development_agent_id", &id)?;
                id
            }
        };
        Ok(Development { token, account_id, environment_id, agent_id })
    }
}

/// Returns a token with 128 random bits.
pub(super) fn random_token(prefix: &str) -> Result<String, ErrorResponse> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{prefix}{:032x}", u128::from_be_bytes(bytes)))
}
