//! Types that say it themselves, with any lifetime.
async fn plan<'a, T>(goal: &'a Goal<'a>, other: T) -> Result<Plan, Error> {
    ::prefactor::__private::contribute! {
        ::prefactor::__private::Contribution { schema_name : "agent:plan", place :
        ::prefactor::__private::concat!(::prefactor::__private::module_path!(),
        "::plan:", ::prefactor::__private::line!()), params : & [("goal",
        ::prefactor::__private::exact!(& 'static Goal < 'static >)), ("other",
        ::prefactor::__private::Shape::Anything)], result :
        ::prefactor::__private::exact!(Plan), ..
        ::prefactor::__private::Contribution::EMPTY }
    }
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(Result < Plan, Error >),
            async move {
                if false {
                    return ::prefactor::__private::never::<Result<Plan, Error>>();
                }
                let _ = &other;
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(&["agent:plan", "goal", "other"]);
                    ::prefactor::__private::argument(&goal)
                        .__prefactor_strategies()
                        .__prefactor_put();
                    ::prefactor::__private::argument(&other)
                        .__prefactor_strategies()
                        .__prefactor_put();
                    ::prefactor::__private::start_span();
                }
                ({ other.plan(goal) })
            },
        )
        .await
}
