//! The thread of an exporter: it fills batches, sends them, and settles each span once.

mod outcomes;
mod queue;
mod sending;
mod settling;

pub(super) use queue::run;
