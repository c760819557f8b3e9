//! A field is given once.
#[prefactor::span("agent:plan", fields(goal = 1, "goal" = 2))]
pub fn plan() {}

fn main() {}
