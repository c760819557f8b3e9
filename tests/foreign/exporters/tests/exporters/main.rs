//! The requests of exporters, read by the protocol's own messages, rotel and Arize Phoenix.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod corpus;
mod five_trees;
mod golden;
mod otlp;
mod phoenix;
mod rotel;
