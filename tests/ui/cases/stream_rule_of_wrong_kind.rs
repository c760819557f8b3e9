//! The rules of a stream are closures.

use futures_util::stream::{self, Stream};

#[prefactor::span("agent:tokens", stream(end = "is_end"))]
pub fn quoted() -> impl Stream<Item = u8> {
    stream::empty()
}

#[prefactor::span("agent:tokens", stream(end))]
pub fn bare() -> impl Stream<Item = u8> {
    stream::empty()
}

#[prefactor::span("agent:tokens", stream(|token| true))]
pub fn nameless() -> impl Stream<Item = u8> {
    stream::empty()
}

fn main() {}
