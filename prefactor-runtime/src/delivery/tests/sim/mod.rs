//! Drives the core by hand, request by request, or by a clock that jumps from one event to the next.

mod checks;
mod driver;
mod operations;
mod program;
mod requests;

pub(super) use driver::{SECOND, Sim};
pub(super) use operations::{INSTANCE, finish, id, start};
pub(super) use requests::{brief, json};
