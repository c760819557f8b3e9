//! `err` alone demands a `Result`.
#[prefactor::span("agent:plan", err)]
pub fn plan() -> u8 {
    1
}

fn main() {}
