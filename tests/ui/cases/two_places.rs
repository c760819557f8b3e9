//! A span has one place.
#[prefactor::span("agent:plan", root, parent = &prefactor::current_span())]
pub fn plan() {}

fn main() {}
