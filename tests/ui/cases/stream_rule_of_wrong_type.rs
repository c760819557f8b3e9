//! A rule of a stream sees an item, and returns a `bool`. The compiler says so once.

use futures_util::stream::{self, Stream};

#[prefactor::span("agent:tokens", stream(end = |item| 5))]
pub fn of_number() -> impl Stream<Item = u8> {
    stream::empty()
}

#[prefactor::span("agent:tokens", stream(end = |item: String| true))]
pub fn of_owned() -> impl Stream<Item = u8> {
    stream::empty()
}

#[prefactor::span("agent:tokens", stream(end = || true))]
pub fn of_nothing() -> impl Stream<Item = u8> {
    stream::empty()
}

#[prefactor::span("agent:plan", fail_when = |value| 5)]
pub fn fails_by_number() -> u8 {
    1
}

fn main() {}
