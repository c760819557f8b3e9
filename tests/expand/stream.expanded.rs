fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(
            &::prefactor::__private::Callsite {
                schema_name: "agent:tokens",
                arguments: &["prompt"],
            },
        );
        ::prefactor::__private::argument(&prompt).__prefactor_put();
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run_by_value(
        __prefactor_is_recorded,
        move || -> _ {
            let _ = &prompt;
            ({ generate(prompt) })
        },
        |__prefactor_returns| {
            ::prefactor::__private::returning!(
                ::prefactor::__private::Opaque < ::prefactor::__private::StreamLeaf <
                Result < Token, Error > >, _ >, __prefactor_returns
            )
        },
    )
}
