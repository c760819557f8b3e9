//! Two members of the payload cannot have one name.
#[prefactor::span("agent:plan", rename(goal = "budget"))]
pub fn plan(goal: &str, budget: u32) {
    let _ = (goal, budget);
}

fn main() {}
