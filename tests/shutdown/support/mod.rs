//! Programs under test, which are this binary run again, and what the server has of them.

mod gate;
mod program;
mod stored;

use std::time::Duration;

pub(crate) use gate::Gate;
pub(crate) use prefactor_tests::stored::StoredSpan;
pub(crate) use program::{Ended, Program, SCENARIO};
pub(crate) use stored::Stored;

/// For what does not take long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// What deadlines may be missed by, in the fault matrix.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

/// The same for what has no deadline but is done at once, and as much again for starting a process on a busy machine.
pub(crate) const SLACK: Duration = Duration::from_millis(500);

/// The shortest of three: a busy machine may be late now and then.
pub(crate) fn fastest(measure: impl Fn() -> Duration + Sync) -> Duration {
    std::thread::scope(|scope| {
        let measured = [(); 3].map(|()| scope.spawn(&measure));
        measured.map(|measured| measured.join().unwrap()).into_iter().min().unwrap()
    })
}
