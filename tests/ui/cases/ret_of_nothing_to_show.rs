//! `ret` alone demands a value that can be shown.
pub struct Opaque;

#[prefactor::span("agent:plan", ret)]
pub fn plan() -> Opaque {
    Opaque
}

fn main() {}
