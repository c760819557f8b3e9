//! A function without a return type has nothing to record.
#[prefactor::span("agent:plan", ret(skip))]
pub fn plan() {}

fn main() {}
