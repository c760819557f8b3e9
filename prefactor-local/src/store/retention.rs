//! Deletes old runs by age and by the size of the file, where the user asks for it.

use std::time::Duration;

use rusqlite::OptionalExtension;

use super::work::Work;
use crate::{error_response::ErrorResponse, time::Time};

/// The limits. Runs that have not ended are always kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retention {
    /// The time for which a run is kept after its last change.
    pub(crate) age: Option<Duration>,
    /// The bytes that the rows may take; above it the oldest runs are deleted.
    pub(crate) bytes: Option<u64>,
}

/// Spans that one job deletes, and keys that it reads: other jobs wait meanwhile.
const SPANS: u32 = 500;
const KEYS: u32 = 10_000;
/// Pages that one job returns to the file system.
const PAGES: u32 = 500;

impl Work<'_> {
    /// Deletes a part of the oldest run that is not kept; returns whether there was one.
    pub(crate) fn delete_old_runs(&mut self, retention: Retention) -> Result<bool, ErrorResponse> {
        let Some(run) = self.run_to_delete(retention)? else { return Ok(false) };
        let mut select =
            self.sql.prepare_cached("SELECT seq FROM agent_span WHERE agent_instance_id = ?1 LIMIT ?2")?;
        let spans = select.query_map((&run, SPANS), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        for seq in &spans {
            for delete in [
                "DELETE FROM agent_span_payload WHERE seq = ?1",
                "DELETE FROM span_text WHERE rowid = ?1",
                "DELETE FROM span_text_pending WHERE seq = ?1",
                "DELETE FROM agent_span WHERE seq = ?1",
            ] {
                self.sql.prepare_cached(delete)?.execute([seq])?;
            }
        }
        if spans.is_empty() {
            for delete in [
                "DELETE FROM span_usage WHERE agent_instance_id = ?1",
                "DELETE FROM run_tag WHERE agent_instance_id = ?1",
                "DELETE FROM agent_instance WHERE id = ?1",
            ] {
                self.sql.prepare_cached(delete)?.execute([&run])?;
            }
        }
        self.changed(&run, None);
        Ok(true)
    }

    /// Deletes the keys and answers of deleted spans and runs among those after `after`; returns where to continue.
    pub(crate) fn forget_keys(&mut self, after: i64) -> Result<Option<i64>, ErrorResponse> {
        let last: Option<i64> = self
            .sql
            .prepare_cached(
                "SELECT max(hash) FROM (SELECT hash FROM idempotency WHERE hash > ?1 ORDER BY hash LIMIT ?2)",
            )?
            .query_row((after, KEYS), |row| row.get(0))?;
        if let Some(last) = last {
            self.sql
                .prepare_cached(
                    "DELETE FROM idempotency WHERE hash > ?1 AND hash <= ?2 AND (
                         span IS NOT NULL AND NOT EXISTS (SELECT 1 FROM agent_span s WHERE s.seq = span)
                         OR iif(answer ->> '$.details.type' = 'agent_instance', answer ->> '$.details.id',
                                answer ->> '$.details.agent_instance_id') NOT IN (SELECT id FROM agent_instance))",
                )?
                .execute((after, last))?;
        }
        Ok(last)
    }

    /// Returns pages of deleted rows to the file system; the result is whether there may be more.
    pub(crate) fn shrink_file(&mut self) -> Result<bool, ErrorResponse> {
        let free = self.pragma("PRAGMA freelist_count")?;
        self.sql.execute_batch(&["PRAGMA incremental_vacuum(", &PAGES.to_string(), ")"].concat())?;
        Ok(free > i64::from(PAGES))
    }

    fn run_to_delete(&self, retention: Retention) -> Result<Option<String>, ErrorResponse> {
        let oldest = "SELECT id FROM agent_instance WHERE status NOT IN ('pending', 'active')
                      AND coalesce(last_span_at, updated_at) < ?1 ORDER BY coalesce(last_span_at, updated_at), id LIMIT 1";
        let mut before = i64::MIN;
        if let Some(age) = retention.age {
            before = Time::now().micros().saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
        }
        if let Some(bytes) = retention.bytes {
            let used = self.pragma("PRAGMA page_count")? - self.pragma("PRAGMA freelist_count")?;
            let used = used.saturating_mul(self.pragma("PRAGMA page_size")?);
            if u64::try_from(used).unwrap_or(0) > bytes {
                before = i64::MAX;
            }
        }
        Ok(self.sql.prepare_cached(oldest)?.query_row([before], |row| row.get(0)).optional()?)
    }

    fn pragma(&self, pragma: &'static str) -> Result<i64, ErrorResponse> {
        Ok(self.sql.query_row(pragma, (), |row| row.get(0))?)
    }
}
