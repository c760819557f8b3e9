//! A field has a value.
#[prefactor::span("agent:plan", fields(goal))]
pub fn plan() {}

fn main() {}
