//! A function without a return type has nothing to record.
#[prefactor::span("agent:plan", ret(with = size_of_val))]
pub fn plan() {}

fn main() {}
