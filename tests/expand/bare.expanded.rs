//! The attribute alone. The schema name is the path of the function.
fn plan(goal: &str) -> usize {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(
            &[
                ::prefactor::__private::concat!(
                    ::prefactor::__private::module_path!(), "::plan"
                ),
                "goal",
            ],
        );
        ::prefactor::__private::put_primitive(&goal);
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run(
        __prefactor_is_recorded,
        ::prefactor::__private::returning!(usize),
        move || -> usize { ({ goal.len() }) },
    )
}
