//! First answers, given again to a request that repeats its key.

use rusqlite::OptionalExtension;

use super::{Store, Work};
use crate::error_response::ErrorResponse;

/// What makes two requests the same request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Fingerprint of the caller's token.
    pub(crate) caller: i64,
    /// The action and what it acts on, such as `agent_spans/ID/finish`.
    pub(crate) endpoint: String,
    pub(crate) key: Option<String>,
}

impl Store {
    /// Runs `effect` unless it has run before for the same request; its answer is kept in the same
    /// transaction. Refusals are not kept: nothing happened, so a repeated request is tried again.
    pub(crate) fn once(
        &self,
        request: &Request,
        effect: impl FnOnce(&mut Work<'_>) -> Result<String, ErrorResponse>,
    ) -> Result<String, ErrorResponse> {
        self.transaction(|work| {
            let Some(key) = &request.key else { return effect(work) };
            if let Some(answer) = work.first_answer(request, key)? {
                return Ok(answer);
            }
            let answer = effect(work)?;
            let mut statement = work.sql.prepare_cached(
                "INSERT INTO idempotency (caller, endpoint, key, answer) VALUES (?1, ?2, ?3, ?4)",
            )?;
            statement.execute((request.caller, &request.endpoint, key, &answer))?;
            Ok(answer)
        })
    }
}

impl Work<'_> {
    fn first_answer(&self, request: &Request, key: &str) -> Result<Option<String>, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT answer FROM idempotency WHERE caller = ?1 AND endpoint = ?2 AND key = ?3",
        )?;
        let row = statement.query_row((request.caller, &request.endpoint, key), |row| row.get(0));
        Ok(row.optional()?)
    }
}
