//! There is nothing to skip.
#[prefactor::span("agent:plan", skip_all)]
pub fn plan() {}

fn main() {}
