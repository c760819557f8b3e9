//! Tests of agents: a client that keeps its spans, and gives them back as a tree of plain values.
//!
//! No server, no network, no environment variables. Each [`Recorder`] is independent, so tests run in parallel.
//!
//! # Examples
//!
//! ```
//! use prefactor::testing::Recorder;
//! use prefactor::span;
//!
//! #[span("agent:answer")]
//! fn answer(question: &str) -> Result<String, String> {
//!     let hits = search(question)?;
//!     Ok(format!("{hits} pages"))
//! }
//!
//! #[span("tool:search")]
//! fn search(query: &str) -> Result<usize, String> {
//!     if query.is_empty() { Err("an empty query".into()) } else { Ok(3) }
//! }
//!
//! // In a test:
//! let recorder = Recorder::new();
//! recorder.run(|| answer("why")).unwrap();
//! recorder.run(|| answer("")).unwrap_err();
//!
//! let trace = recorder.trace();
//! trace.assert_outline(&[
//!     "agent:answer complete",
//!     "  tool:search complete",
//!     "agent:answer failed",
//!     "  tool:search failed",
//! ]);
//! let search = trace.find("tool:search");
//! assert_eq!(search.payload["query"], "why");
//! assert_eq!(search.result["result"], 3);
//! assert_eq!(trace.roots[1].error.as_ref().unwrap().message, "an empty query");
//! ```
//!
//! In an async test, [`Recorder::run_async`] takes a future:
//!
//! ```
//! use prefactor::testing::Recorder;
//! use prefactor::span;
//!
//! #[span("agent:llm_call")]
//! async fn ask(prompt: &str) -> String {
//!     prompt.to_uppercase()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let recorder = Recorder::new();
//! recorder.run_async(ask("why")).await;
//! assert_eq!(recorder.trace().find("agent:llm_call").result["result"], "WHY");
//! # }
//! ```

mod outline;
mod recorder;
mod trace;

pub use recorder::Recorder;
pub use trace::{RecordedError, RecordedSpan, Trace};
