//! Programs under test, which are this binary run again, and their stored spans.

mod gate;
mod program;
mod stored;

use std::time::Duration;

pub(crate) use gate::Gate;
pub(crate) use prefactor_tests::stored::StoredSpan;
pub(crate) use program::{Ended, Program, SCENARIO};
pub(crate) use stored::Stored;

/// The time limit of short waits.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
