//! A span has one schema name, and it comes first.

#[prefactor::span("agent:x", "agent:y")]
pub fn two() {}

#[prefactor::span(skip_all, "agent:x")]
pub fn last() {}

#[prefactor::span("agent:x" skip_all)]
pub fn without_comma() {}

#[prefactor::span(schema = "agent:x")]
pub fn as_option() {}

fn main() {}
