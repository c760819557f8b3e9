fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        use ::prefactor::__private::Argues as _;
        ::prefactor::__private::call(
            &::prefactor::__private::Callsite {
                schema_name: "agent:tokens",
                arguments: &["prompt"],
            },
            &[(&&&::prefactor::__private::Probe(&prompt)).__prefactor_argument()],
        )
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
