//! The layouts of the database, each as the step from the one before.
//!
//! A released step is never edited, because files that took it exist. A new table, column or index is a new step at the
//! end of [`STEPS`].

use rusqlite::{Connection, TransactionBehavior};

/// The n-th step leads from layout n to layout n + 1; layout 0 is an empty file.
const STEPS: [&str; 7] = [
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_rows_that_stay_small.sql"),
    include_str!("migrations/003_page.sql"),
    include_str!("migrations/004_whole_api.sql"),
    include_str!("migrations/005_tokens.sql"),
    include_str!("migrations/006_losses.sql"),
    include_str!("migrations/007_short_keys.sql"),
];

/// The layout that this version reads and writes.
pub(super) const LAYOUT: i64 = 7;
const _: () = assert!(STEPS.len() == 7, "set LAYOUT to the number of steps");

/// The application id in the header of every file of this program: the letters P, f, L, o.
pub(super) const APPLICATION_ID: i32 = 0x5066_4c6f;

/// Brings the database to [`LAYOUT`] in one transaction, and returns the layout that it had.
///
/// A layout above [`LAYOUT`] is left alone.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<i64> {
    let open = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = open.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let steps = usize::try_from(found).ok().and_then(|found| STEPS.get(found..)).unwrap_or_default();
    for step in steps {
        open.execute_batch(step)?;
    }
    if !steps.is_empty() {
        open.pragma_update(None, "application_id", APPLICATION_ID)?;
        open.pragma_update(None, "user_version", LAYOUT)?;
    }
    open.commit()?;
    Ok(found)
}
