pub(crate) fn plan(goal: &str) -> Vec<Step> {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        use ::prefactor::__private::Argues as _;
        ::prefactor::__private::call(
            &::prefactor::__private::Callsite {
                schema_name: "agent:plan",
                arguments: &["goal"],
            },
            &[(&&&::prefactor::__private::Probe(&goal)).__prefactor_argument()],
        )
    } else {
        ::prefactor::__private::Call::NOTHING
    };
    use ::prefactor::__private::{ReturnsBoxed as _, ReturnsValue as _};
    (&&::prefactor::__private::Returns::<Vec<Step>>::TYPE)
        .__prefactor_run(
            __prefactor_call,
            false,
            move || -> Vec<Step> {
                let _ = &goal;
                ({ goal.split(' ').map(Step::new).collect() })
            },
            |__prefactor_returns| {
                use ::prefactor::__private::{Chooses as _, Splits as _};
                let __prefactor_sides = (&&__prefactor_returns).__prefactor_sides();
                ::prefactor::__private::by_type(
                    &__prefactor_sides,
                    (&&&__prefactor_sides.value).__prefactor_way(),
                    (&&&&&&__prefactor_sides.error).__prefactor_way(),
                )
            },
        )
}
