//! Types that say it themselves, with any lifetime.
#[span("agent:plan", schemars(goal, return))]
async fn plan<'a, T>(goal: &'a Goal<'a>, other: T) -> Result<Plan, Error> {
    other.plan(goal)
}
