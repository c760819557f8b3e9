//! The fault matrix over real HTTP. Each test is named after its case, and checked by the server's ledger.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod answers;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod case;
mod connections;
mod deadlines;
mod ending;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod installed;
mod load;
mod odd_answers;
mod proxy_itself;
mod restart;
mod termination;
mod tree;
