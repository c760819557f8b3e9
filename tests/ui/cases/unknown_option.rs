//! A slip of the hand in an option.
#[prefactor::span("agent:plan", skipp(goal))]
async fn plan(goal: &str) {
    let _ = goal;
}

fn main() {
    drop(plan("goal"));
}
