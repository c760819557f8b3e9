//! What does not return has no value to look at.
#[prefactor::span("agent:plan", fail_when = |value| true)]
pub fn plan() -> ! {
    loop {}
}

fn main() {}
