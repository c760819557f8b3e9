//! Exporters over real connections and files: their requests, and their behaviour under faults.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod console;
mod environment;
mod every;
mod faults;
mod file;
mod openai;
mod support;
