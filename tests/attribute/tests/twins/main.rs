//! The cases, a group to each module.
#![deny(warnings, unused, rust_2018_idioms)]

mod boxed_traits;
mod futures;
mod receivers;
mod streams;
