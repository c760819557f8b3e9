//! A value of the wrong kind is shown the right one.
#[prefactor::span("agent:plan", name = plan)]
pub fn plan() {}

fn main() {}
