//! What exporters send, as the protocol's own messages, rotel and Arize Phoenix read it.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod corpus;
mod five_trees;
mod golden;
mod otlp;
mod phoenix;
mod rotel;
