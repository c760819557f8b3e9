//! The attribute goes on functions.
#[prefactor::span("agent:plan")]
struct Plan;

fn main() {
    let _ = Plan;
}
