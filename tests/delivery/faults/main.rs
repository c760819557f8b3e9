//! The fault matrix over real HTTP. Each test is named after its case, and checked by the server's ledger.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod answers;
#[expect(clippy::unwrap_used, reason = "a helper of tests fails its test")]
mod case;
mod connections;
mod deadlines;
mod ending;
#[expect(clippy::unwrap_used, reason = "a helper of tests fails its test")]
mod installed;
mod load;
mod odd_answers;
mod proxy_itself;
mod restart;
mod termination;
mod tree;
