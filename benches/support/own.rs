//! The contenders of this crate: no attribute, the attribute, and the attribute with `boxed`.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Serialize, Serializer};

use crate::workload::{Subject, finish, subject};

subject!(plain, "plain", [], []);
subject!(
    annotated,
    "prefactor",
    [#[prefactor::span("agent:llm_call")]],
    [#[prefactor::span("agent:llm_call")]]
);
subject!(
    boxed,
    "boxed",
    [#[prefactor::span("agent:llm_call")]],
    [#[prefactor::span("agent:llm_call", boxed)]]
);

/// The functions without an attribute, the base of all others.
pub const PLAIN: Subject = plain::SUBJECT;
pub const PREFACTOR: Subject = annotated::SUBJECT;
pub const BOXED: Subject = boxed::SUBJECT;

/// Counts the reads of arguments and returned values in `calls` calls.
pub fn touches(count: u64) -> u64 {
    let before = TOUCHES.load(Relaxed);
    for _ in 0..count {
        let _ = look(&Noticing);
        let _ = finish(pin!(look_remotely(&Noticing)));
    }
    TOUCHES.load(Relaxed) - before
}

static TOUCHES: AtomicU64 = AtomicU64::new(0);

/// Counts each capture.
struct Noticing;

impl Serialize for Noticing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TOUCHES.fetch_add(1, Relaxed);
        serializer.serialize_unit()
    }
}

impl fmt::Debug for Noticing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        TOUCHES.fetch_add(1, Relaxed);
        Ok(())
    }
}

#[prefactor::span("agent:look")]
fn look(at: &Noticing) -> Result<&Noticing, Noticing> {
    Ok(at)
}

#[prefactor::span("agent:look")]
async fn look_remotely(at: &Noticing) -> Result<&Noticing, Noticing> {
    Ok(at)
}
