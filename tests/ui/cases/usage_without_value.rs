//! There is no value to read the usage from.

#[prefactor::span("agent:llm_call", usage(with = usage_of))]
pub fn nothing() {}

#[prefactor::span("agent:tokens", usage(with = usage_of))]
pub fn tokens() -> impl futures_util::Stream<Item = String> {
    futures_util::stream::empty()
}

fn main() {}
