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
mod page_detail;
mod page_json;
mod page_label;
mod page_prices;
mod page_runs;
mod page_search;
mod page_spans;
mod page_usage;
mod search;
mod span;
mod version;
mod work;
mod writer;

pub(crate) use self::{
    handle::Store,
    idempotency::{Effect, Request},
    instance::NewInstance,
    list::{Filter, Order, Page, Rows, Sorted},
    page_prices::Price,
    page_runs::{RunFilter, RunPage},
    span::{NewSpan, SpanEnd},
    version::{AgentVersion, SchemaVersion, SpanType},
    work::{Change, Reader, Work},
};
