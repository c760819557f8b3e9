//! The body cannot name `impl Iterator`. So the runtime calls the second closure with the type of the value, once there is one.
fn words<'a>(text: &'a str) -> impl Iterator<Item = &'a str> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:words", "text"]);
        ::prefactor::__private::put_primitive(&text);
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run_by_value(
        __prefactor_is_recorded,
        move || -> _ { ({ text.split(' ') }) },
        |__prefactor_returns| {
            ::prefactor::__private::returning!(
                ::prefactor::__private::Named, __prefactor_returns
            )
        },
    )
}
