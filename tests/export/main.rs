//! Exporters over real connections and files: what they send, and what becomes of it when things go wrong.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod console;
mod environment;
mod every;
mod faults;
mod file;
mod openai;
mod support;
