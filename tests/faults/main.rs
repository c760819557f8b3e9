//! The fault matrix over real HTTP: each test is named after its case, and the server's ledger is the judge.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "../support/proxy.rs"]
mod proxy;
mod proxy_itself;
