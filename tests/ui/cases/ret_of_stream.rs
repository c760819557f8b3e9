//! A stream has items, not a value.
#[prefactor::span("agent:plan", ret(debug))]
pub fn plan() -> impl futures_util::Stream<Item = u8> {
    futures_util::stream::empty()
}

fn main() {}
