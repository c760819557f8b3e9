//! A reader has all rules of its streams.

#[prefactor::span("agent:tokens", stream(with = Reader, end = |token| true))]
pub fn tokens() -> impl futures_util::Stream<Item = String> {
    futures_util::stream::empty()
}

fn main() {}
