//! `usage` names the function that reads the usage.
#[prefactor::span("agent:plan", usage)]
pub fn plan() -> u32 {
    1
}

fn main() {}
