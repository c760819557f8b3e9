//! Spans of the [`tracing`](https://docs.rs/tracing) crate as spans on Prefactor.
//!
//! Crates such as rig and genai describe their model calls, agents and tools by `tracing` spans with `gen_ai.*` fields.
//! [`layer`] makes spans of them, in one tree with the functions that have `#[span]`: each is the parent of spans that are made
//! inside of it, whichever of the two it was made by.
//!
//! ```
//! use tracing_subscriber::layer::SubscriberExt as _;
//!
//! # fn main() {
//! let subscriber = tracing_subscriber::registry().with(prefactor_tracing::layer());
//! # let recorder = prefactor::testing::Recorder::new();
//! # tracing::subscriber::with_default(subscriber, || recorder.run(|| {
//! let call = tracing::info_span!(
//!     "chat",
//!     gen_ai.operation.name = "chat",
//!     gen_ai.request.model = "small-1",
//!     gen_ai.usage.input_tokens = 12,
//! );
//! call.in_scope(|| { /* the model is asked */ });
//! # drop(call);
//! # }));
//! # let trace = recorder.trace();
//! # let call = trace.find("agent:llm_call");
//! # assert_eq!(call.payload["gen_ai.request.model"], "small-1");
//! # assert_eq!(call.result["token_usage"]["prompt_tokens"], 12);
//! # }
//! ```
//!
//! # Recorded data
//!
//! The layer records spans that declare a field whose name begins with `gen_ai.` or `gcp.vertex.agent.`, and those that
//! [`LayerBuilder::spans`] chooses. A span without a client, or outside of the filter, costs as much as without the layer.
//!
//! | field `gen_ai.operation.name` | schema name |
//! |---|---|
//! | `chat`, `text_completion`, `generate_content` | `agent:llm_call` |
//! | `embeddings` | `agent:embeddings` |
//! | `execute_tool` | `agent:tool_call` |
//! | `invoke_agent`, `create_agent` | `agent:run` |
//! | `retrieval` | `agent:retrieval` |
//! | any other, or none | `tracing:` and the span's name |
//!
//! The payload has the data from before the work began: the fields of the span's creation and those recorded until it was first
//! left, or until a span was made below it. Later data, tokens and the answer are in the result. The last value of a field
//! wins, and numbers count whether they were recorded as number or as text, since crates differ in both.
//!
//! # How a span ends
//!
//! `failed` if a field says so (`otel.status_code`, `error.type`, `error`, `gen_ai.tool.call.outcome`,
//! `gen_ai.tool.error.type`), or an event of level ERROR with the span's own target was recorded in it, or adk-rust warned that the tool
//! failed. Crates are often silent about a failure, and none tells a failed call from a dropped one. So the spans around such a span
//! decide:
//!
//! | span | ends |
//! |---|---|
//! | a model call without an answer and without tokens | as the function around it |
//! | a tool that declares `gen_ai.tool.call.outcome` and has none | as the function around it |
//! | an agent without tokens that declares them, above a call that had some | as the function around it |
//! | an agent without an output of its own | as the last span below it, if that did not complete |
//! | the same, where the last span below it is a tool | as the function around it, if that did not complete |
//! | any other | `complete` |
//!
//! *As the function around it*: `failed` with its error, if the span above fails and nothing else began below that in between;
//! `cancelled` if the span above is dropped or goes on, if several spans wait for it, or if there is none above. An agent passes on to
//! its calls what it takes over itself. Until the span above has decided, the span is open; its end is the time at which it was closed.
//!
//! A span of adk-rust says nothing of a run that was dropped within a tool, so the tool is `complete`.
//!
//! # Not recorded
//!
//! Spans and events of rmcp's connections, and events of the target `rig::completions`, which hold whole requests and answers
//! whichever switches for content the program has set.
//!
//! # The other way
//!
//! [`open_spans`] opens a span of `tracing` for each span on Prefactor, so that log lines and other layers see the agent's steps. Once
//! is enough, for the whole process:
//!
//! ```text
//! INFO agent:run{trace_id=019b… span_id=5f0c…}:agent:llm_call{trace_id=019b… span_id=a17e…}: my_agent: asking model="small-1"
//! ```
//!
//! # Versions
//!
//! | crate | run | compiled |
//! |---|---|---|
//! | tracing-core | 0.1.36 | 0.1.35 to 0.1.36 |
//! | tracing-subscriber | 0.3.23 | 0.3.20 to 0.3.23 |
//! | rig | 0.44.0 | |
//! | genai, feature `otel` | 0.7.2 | |
//! | adk-rust | 2.3.0 | |
//! | swiftide | 0.33.0 was read, and not run: it needs Rust 1.97 | |
//!
//! The oldest and the newest ones are compiled by `tests/foreign/ranges.sh tracing`.
//!
//! # Cost
//!
//! 33 crates, and 18 s of CPU time for a debug build of all of them on two shared cores, of which 18 s are the SDK's own. A span that the
//! layer does not record takes 0.96 to 1.09 times what it takes with an empty layer behind the same filter, in five runs of
//! `cargo bench -p prefactor-tracing` on those cores (137 ns and 138 ns in the quietest), and 0.6 ns where nobody records it.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod builder;
mod callsites;
mod ending;
mod entered;
mod fields;
mod ids;
mod layer;
mod mapping;
mod opened;
mod place;
mod recorded;

pub use builder::{LayerBuilder, SpanFilter, layer};
pub use ids::Ids;
#[cfg(feature = "fmt")]
#[cfg_attr(docsrs, doc(cfg(feature = "fmt")))]
pub use ids::WithIds;
pub use layer::PrefactorLayer;
pub use opened::open_spans;

/// The name and version of this crate, as registrations have them in `agent_sdk` once a layer was built.
///
/// `prefactor::ClientBuilder::sdk_entry` names the crate earlier: for runs that are registered before.
pub const SDK_ENTRY: &str = concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION"));
