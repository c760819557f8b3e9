//! A function that is not async. The body becomes a closure, which `run` calls in the span.
//! The parentheses around the user's braces keep the compiler from calling them unused.
pub(crate) fn plan(goal: &str) -> Vec<Step> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:plan", "goal"]);
        ::prefactor::__private::put_primitive(&goal);
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run(
        __prefactor_is_recorded,
        ::prefactor::__private::returning!(Vec < Step >),
        move || -> Vec<Step> { ({ goal.split(' ').map(Step::new).collect() }) },
    )
}
