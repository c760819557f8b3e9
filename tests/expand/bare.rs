//! The attribute alone. The schema name is the path of the function.
#[span]
fn plan(goal: &str) -> usize {
    goal.len()
}
