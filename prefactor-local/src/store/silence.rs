//! Silent runs: active ones that have not changed for long.

use std::time::Duration;

use super::work::Work;
use crate::{error_response::ErrorResponse, model::Status, time::Time};

/// The times after which a silent run is marked and ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    pub(crate) mark_after: Duration,
    pub(crate) end_after: Duration,
}

/// The last change of a run: its start, a change of it or of a span.
const LAST_HEARD: &str = "max(coalesce(last_span_at, 0), updated_at)";

impl Work<'_> {
    /// Marks active runs that have been silent for long, and ends those that have been silent for longer. A span or a
    /// finish that comes later takes both back.
    pub(crate) fn end_silent_runs(&mut self, silence: Silence) -> Result<(), ErrorResponse> {
        let now = Time::now();
        let mark = [
            "UPDATE agent_instance SET silent_since = ",
            LAST_HEARD,
            " WHERE status = ?1 AND silent_since IS NULL AND ",
            LAST_HEARD,
            " <= ?2 RETURNING id",
        ]
        .concat();
        let end = ["UPDATE agent_instance SET status = ?3, finished_at = silent_since, ended_by_silence = 1
              WHERE status = ?1 AND silent_since <= ?2 RETURNING id"]
        .concat();
        let mut ids: Vec<String> = Vec::new();
        let mut statement = self.sql.prepare_cached(&mark)?;
        for id in statement.query_map((Status::Active, now.before(silence.mark_after)), |row| row.get(0))? {
            ids.push(id?);
        }
        let mut statement = self.sql.prepare_cached(&end)?;
        let ended = (Status::Active, now.before(silence.end_after), Status::Complete);
        for id in statement.query_map(ended, |row| row.get(0))? {
            ids.push(id?);
        }
        for id in ids {
            self.changed(&id, None);
        }
        Ok(())
    }
}
