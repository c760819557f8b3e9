//! `ret` and `err` know three words.
#[prefactor::span("agent:plan", ret(json))]
pub fn plan() -> u8 {
    1
}

fn main() {}
