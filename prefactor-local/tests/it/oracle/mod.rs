//! An oracle in front of the server: faults as a client meets them, and the ledger of them.

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod client;
mod faults;
mod ledger;
mod rules;
