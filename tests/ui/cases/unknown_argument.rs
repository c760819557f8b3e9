//! A slip of the hand in an argument's name.
#[prefactor::span("agent:plan", skip(gaol))]
async fn plan(goal: &str) {
    let _ = goal;
}

fn main() {
    drop(plan("goal"));
}
