//! A function that is not async. The body becomes a closure, which `run` calls in the span.
//! The parentheses around the user's braces keep the compiler from calling them unused.
#[span("agent:plan")]
pub(crate) fn plan(goal: &str) -> Vec<Step> {
    goal.split(' ').map(Step::new).collect()
}
