//! Everything that is kept, and the only SQL.

mod account;
mod agent;
mod database;
mod handle;
mod idempotency;
mod instance;
mod list;
mod lock;
mod migrations;
mod search;
mod span;
mod trace;
mod version;
mod work;
mod writer;

pub(crate) use self::{
    handle::Store,
    idempotency::{Effect, Request},
    instance::NewInstance,
    list::{Filter, Order, Page, Rows, Sorted},
    span::{NewSpan, SpanEnd},
    trace::Run,
    version::{AgentVersion, SchemaVersion, SpanType},
    work::{Reader, Work},
};
