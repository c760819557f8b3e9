//! The cases, a group to each module.
#![deny(warnings, unused, rust_2018_idioms)]

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
mod options;
mod patterns;
mod qualifiers;
mod receivers;
mod streams;
