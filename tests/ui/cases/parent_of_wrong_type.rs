//! A parent is a span or a context.
#[prefactor::span("agent:plan", parent = 7)]
pub fn plan() {}

fn main() {}
