pub(crate) fn plan(goal: &str) -> Vec<Step> {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin(
            &::prefactor::__private::Callsite {
                schema_name: "agent:plan",
                arguments: &["goal"],
            },
        );
        ::prefactor::__private::argument(&goal).__prefactor_put();
    }
    let __prefactor_way = ::prefactor::__private::ways::<Vec<Step>>();
    let __prefactor_running = __prefactor_way.__prefactor_start(__prefactor_is_recorded);
    __prefactor_way
        .__prefactor_finish(
            __prefactor_running,
            move || -> Vec<Step> { ({ goal.split(' ').map(Step::new).collect() }) },
        )
}
