fn words<'a>(text: &'a str) -> impl Iterator<Item = &'a str> {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin(
            &::prefactor::__private::Callsite {
                schema_name: "agent:words",
                arguments: &["text"],
            },
        );
        ::prefactor::__private::argument(&text).__prefactor_put();
    }
    ::prefactor::__private::run_value(
        __prefactor_is_recorded,
        move || -> _ { ({ text.split(' ') }) },
        |__prefactor_returns| {
            ::prefactor::__private::ways_of(__prefactor_returns).__prefactor_ends()
        },
    )
}
