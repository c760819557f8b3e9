//! The cases, a group to each module.
#![deny(warnings, unused, rust_2018_idioms)]

mod boxed_traits;
mod diverging;
mod futures;
mod generics;
mod patterns;
mod receivers;
mod streams;
