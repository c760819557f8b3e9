//! A reader is one of the stream's items.

#[prefactor::span("agent:tokens", stream(with = String))]
pub fn tokens() -> impl futures_util::Stream<Item = u8> {
    futures_util::stream::empty()
}

fn main() {}
