//! `stream` has four rules.

#[prefactor::span("agent:tokens", stream(start = |token| true))]
pub fn tokens() -> impl futures_util::Stream<Item = String> {
    futures_util::stream::empty()
}

fn main() {}
