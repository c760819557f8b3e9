//! A leading underscore says that an argument is not recorded.
#[prefactor::span("agent:plan", debug(_goal))]
pub fn plan(_goal: &str) {}

fn main() {}
