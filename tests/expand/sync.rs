#[span("agent:plan")]
pub(crate) fn plan(goal: &str) -> Vec<Step> {
    goal.split(' ').map(Step::new).collect()
}
