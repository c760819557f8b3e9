//! An argument is named by one option.
#[prefactor::span("agent:plan", skip(goal), debug(goal))]
pub fn plan(goal: &str) {
    let _ = goal;
}

fn main() {}
