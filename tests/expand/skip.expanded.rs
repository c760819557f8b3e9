fn login(&self, user: &str, password: &str, _unused: u8) -> bool {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin(
            &::prefactor::__private::Callsite {
                schema_name: "agent:login",
                arguments: &["user", "host", "length"],
            },
        );
        ::prefactor::__private::argument(&user).__prefactor_put();
        ::prefactor::__private::put_computed(|| {
            use ::prefactor::__private::Captures as _;
            (&&&::prefactor::__private::Probe(&(self.host))).__prefactor_captured()
        });
        ::prefactor::__private::put_computed(|| {
            use ::prefactor::__private::Captures as _;
            (&&&::prefactor::__private::Probe(&(password.len()))).__prefactor_captured()
        });
    }
    let __prefactor_way = ::prefactor::__private::ways::<bool>();
    let __prefactor_running = __prefactor_way.__prefactor_start(__prefactor_is_recorded);
    __prefactor_way
        .__prefactor_finish(
            __prefactor_running,
            move || -> bool { ({ self.check(user, password) }) },
        )
}
