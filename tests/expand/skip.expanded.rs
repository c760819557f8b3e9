//! Fields are expressions of the user's: each runs in a closure, whose panic costs only that field.
fn login(&self, user: &str, password: &str, _unused: u8) -> bool {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:login", "user", "host", "length"]);
        ::prefactor::__private::put_primitive(&user);
        ::prefactor::__private::put_computed(|| {
            ::prefactor::__private::value(&(self.host))
                .__prefactor_strategies()
                .__prefactor_named()
        });
        ::prefactor::__private::put_computed(|| {
            ::prefactor::__private::value(&(password.len()))
                .__prefactor_strategies()
                .__prefactor_named()
        });
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run(
        __prefactor_is_recorded,
        ::prefactor::__private::returning!(bool),
        move || -> bool { ({ self.check(user, password) }) },
    )
}
