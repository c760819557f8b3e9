//! Pairs of functions, a module for each group.
#![deny(warnings, unused, rust_2018_idioms)]
#![expect(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "cases are written as people write functions; `lints.rs` is about Clippy"
)]

mod auto_traits;
mod boxed_traits;
mod diverging;
mod drop_order;
mod editions;
mod futures;
mod generics;
mod hygiene;
mod inference;
mod laziness;
mod macros;
mod opaque;
mod options;
mod patterns;
mod qualifiers;
mod receivers;
mod streams;
