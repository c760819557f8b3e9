//! An option that needs a value says so.
#[prefactor::span("agent:plan", name)]
pub fn plan() {}

fn main() {}
