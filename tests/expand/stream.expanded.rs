fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        ::prefactor::__private::begin(
            &::prefactor::__private::Callsite {
                schema_name: "agent:tokens",
                arguments: &["prompt"],
            },
        );
        ::prefactor::__private::argument(&prompt).__prefactor_put();
        ::prefactor::__private::take()
    } else {
        ::prefactor::__private::Call::NOTHING
    };
    ::prefactor::__private::run_stream::<
        Result<Token, Error>,
        _,
        _,
        _,
        _,
    >(
        __prefactor_call,
        true,
        move || -> _ {
            let _ = &prompt;
            ({ generate(prompt) })
        },
        |__prefactor_returns| {
            ::prefactor::__private::ways_of(__prefactor_returns).__prefactor_ends()
        },
    )
}
