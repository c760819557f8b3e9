//! The spool over real processes: what was written before a kill is delivered after it, once.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[expect(clippy::unwrap_used, reason = "a helper of tests fails its test")]
mod child;
mod damage;
mod identity;
mod kills;
mod kinds;
mod restart;
