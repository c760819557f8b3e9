//! The store: all stored data, and the only SQL.

mod account;
mod agent;
mod alert;
mod assess;
mod costs;
mod database;
mod deployment;
mod handle;
mod idempotency;
mod instance;
mod json_lines;
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
mod page_sums;
mod page_usage;
mod quality;
mod record;
mod retention;
mod search;
mod sensitive;
mod setting;
mod silence;
mod span;
mod span_view;
mod token;
mod version;
mod version_view;
mod work;
mod writer;

pub(crate) use self::{
    agent::{AgentFields, FieldChange},
    alert::{AlertEnd, NewAlert},
    handle::Store,
    idempotency::{Effect, Request},
    instance::NewInstance,
    json_lines::ImportedRun,
    list::{Filter, Order, Page, Pagination, Rows, Sorted},
    page_prices::Price,
    page_runs::{RunFilter, RunPage},
    retention::Retention,
    setting::Development,
    silence::Silence,
    span::{NewSpan, SpanEnd},
    span_view::Include,
    token::{ApiToken, Holder, NewToken},
    version::{AgentVersion, SchemaVersion, SpanType},
    work::{Change, Reader, Work},
};
