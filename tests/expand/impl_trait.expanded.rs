fn words<'a>(text: &'a str) -> impl Iterator<Item = &'a str> {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        use ::prefactor::__private::Argues as _;
        ::prefactor::__private::call(
            &::prefactor::__private::Callsite {
                schema_name: "agent:words",
                arguments: &["text"],
            },
            &[(&&&::prefactor::__private::Probe(&text)).__prefactor_argument()],
        )
    } else {
        ::prefactor::__private::Call::NOTHING
    };
    ::prefactor::__private::run_value(
        __prefactor_call,
        move || -> _ {
            let _ = &text;
            ({ text.split(' ') })
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
