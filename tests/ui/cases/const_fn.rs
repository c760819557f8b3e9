//! A constant function may run in the compiler.
#[prefactor::span("agent:plan")]
const fn plan() -> u8 {
    1
}

fn main() {
    plan();
}
