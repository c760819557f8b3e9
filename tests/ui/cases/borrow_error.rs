//! A borrow error in the body points at the user's own tokens.
#[prefactor::span("agent:plan")]
pub async fn plan(goal: String) -> String {
    drop(goal);
    goal
}

fn main() {}
