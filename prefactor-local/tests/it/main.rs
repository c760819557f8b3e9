//! The server over real HTTP. Each test is named after the rule that it proves.

mod auth;
mod binary;
mod bulk;
mod cases;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod client;
mod command_line;
mod commands;
mod connections;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod folder;
mod hostile_requests;
mod idempotency;
mod ids;
mod instances;
mod lists;
mod oracle;
mod overload;
mod page;
mod page_data;
mod page_events;
mod persistence;
mod refusals;
mod retention;
mod same_origin;
mod schemas;
mod server;
mod silence;
mod spans;
mod statements;
#[cfg(unix)]
mod terminal;
mod tokens;
