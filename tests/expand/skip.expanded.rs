fn login(&self, user: &str, password: &str, _unused: u8) -> bool {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        use ::prefactor::__private::Argues as _;
        ::prefactor::__private::call_and(
            &::prefactor::__private::Callsite {
                schema_name: "agent:login",
                arguments: &["user"],
            },
            ::prefactor::__private::None,
            &[(&&&::prefactor::__private::Probe(&user)).__prefactor_argument()],
            |__prefactor_arguments| {
                use ::prefactor::__private::Captures as _;
                __prefactor_arguments
                    .insert_with(
                        "host",
                        || {
                            (&&&::prefactor::__private::Probe(&(self.host)))
                                .__prefactor_captured()
                        },
                    );
                __prefactor_arguments
                    .insert_with(
                        "length",
                        || {
                            (&&&::prefactor::__private::Probe(&(password.len())))
                                .__prefactor_captured()
                        },
                    );
            },
        )
    } else {
        ::prefactor::__private::Call::NOTHING
    };
    use ::prefactor::__private::{ReturnsBoxed as _, ReturnsValue as _};
    (&&::prefactor::__private::Returns::<bool>::TYPE)
        .__prefactor_run(
            __prefactor_call,
            false,
            move || -> bool {
                let _ = &password;
                let _ = &user;
                ({ self.check(user, password) })
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
