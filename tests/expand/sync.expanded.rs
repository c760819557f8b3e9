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
    ::prefactor::__private::ways(::prefactor::__private::Returns::<Vec<Step>>::TYPE)
        .__prefactor_run(
            __prefactor_is_recorded,
            move || -> Vec<Step> { ({ goal.split(' ').map(Step::new).collect() }) },
        )
}
