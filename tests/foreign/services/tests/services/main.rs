//! Contexts between services of other projects.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod grpc;
mod middleware;
mod opentelemetry;
mod python;
