//! There is no future to box.
#[prefactor::span("agent:plan", boxed)]
pub fn plan() {}

fn main() {}
