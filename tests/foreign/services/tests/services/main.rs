//! Contexts between services of other projects.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod grpc;
mod middleware;
mod opentelemetry;
mod python;
