//! Helpers that more than one folder of tests uses.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a helper panics to fail its test")]

pub mod invariants;
pub mod middlebox;
pub mod nested_cargo;
pub mod nobody;
pub mod proxy;
pub mod receiver;
pub mod stored;
pub mod stub;
