//! The function of `usage` returns a `Usage`.
fn tokens(value: &u32) -> u32 {
    *value
}

#[prefactor::span("agent:plan", usage(with = tokens))]
pub fn plan() -> u32 {
    1
}

fn main() {}
