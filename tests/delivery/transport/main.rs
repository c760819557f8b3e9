//! The requests on the wire, their receivers, and answers to them, over real sockets.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod authorities;
mod bounds;
mod dependencies;
mod look_up;
mod noise;
mod paths;
mod proxies;
mod redirects;
mod retry_after;
mod reuse;
mod schemas;
#[cfg(unix)]
mod set_up;
mod support;
mod tls;
#[cfg(target_os = "linux")]
mod token_in_memory;
