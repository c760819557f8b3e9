//! The guide: one page a topic.
//!
//! | page | question |
//! |---|---|
//! | [`concepts`] | What are a client, an agent, an instance, a span and a context? Which threads exist? |
//! | [`annotating`] | Which functions do I annotate, and which arguments do I skip? |
//! | [`usage`] | How do I record tokens, models and costs? |
//! | [`events`] | How do I record a point in time within a span? |
//! | [`correspondence`] | What is the name of another SDK called here? |
//! | [`services`] | How do I get one run a request, streamed answers and a graceful shutdown? |
//! | [`exporters`] | How do I send spans to OpenTelemetry, Phoenix, Langfuse, OpenAI, a terminal, a file? |
//! | [`integrations`] | How do agents of rig and genai, and HTTP requests, come onto the same tree? |
//! | [`testing`] | How do I test an agent? |
//! | [`sampling`] | How do I record a share of the runs only, and all failures? |
//! | [`schemas`] | How do I tell the platform what my spans are? |
//! | [`redaction`] | What is hidden, and how do I hide more? |
//! | [`api`] | How do I ask the platform about agents, runs and spans? |
//! | [`configuration`] | Which variables and settings are there? |
//! | [`propagation`] | How do spans follow my work to other tasks, threads and processes? |
//! | [`features`] | Which features are there, and which TLS do I need? |
//! | [`from_tracing`] | How do I move from `#[instrument]`? |
//! | [`troubleshooting`] | My spans do not arrive. |

#[doc = include_str!("guide/annotating.md")]
pub mod annotating {}

#[cfg_attr(feature = "api", doc = include_str!("guide/api.md"))]
#[cfg_attr(
    not(feature = "api"),
    doc = "How to ask the platform about agents, runs and spans. The feature `api` brings this page."
)]
pub mod api {}

#[doc = include_str!("guide/concepts.md")]
pub mod concepts {}

#[doc = include_str!("guide/configuration.md")]
pub mod configuration {}
#[doc = include_str!("guide/exporters.md")]
pub mod exporters {}

#[doc = include_str!("../docs/correspondence.md")]
pub mod correspondence {}

#[doc = include_str!("guide/events.md")]
pub mod events {}

#[doc = include_str!("guide/features.md")]
pub mod features {}

#[doc = include_str!("guide/from_tracing.md")]
pub mod from_tracing {}

#[doc = include_str!("guide/propagation.md")]
pub mod propagation {}
#[doc = include_str!("guide/integrations.md")]
pub mod integrations {}

#[doc = include_str!("guide/redaction.md")]
pub mod redaction {}

#[doc = include_str!("guide/sampling.md")]
pub mod sampling {}

#[doc = include_str!("guide/schemas.md")]
pub mod schemas {}

#[doc = include_str!("guide/services.md")]
pub mod services {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("guide/usage.md")]
pub mod usage {}
