//! A closure would hide the caller's location. So the body stays in place, under a guard that ends the span when the body leaves
//! early, and reads the value when it does not.
#[track_caller]
fn locate(name: &str) -> Result<u32, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:locate", "name"]);
        ::prefactor::__private::put_primitive(&name);
        ::prefactor::__private::start_span();
    }
    let __prefactor_guard = ::prefactor::__private::CallGuard::new(
        __prefactor_is_recorded,
    );
    let __prefactor_value: Result<u32, Error> = {
        let name = name;
        ({ Ok(Location::caller().line()) })
    };
    __prefactor_guard
        .finish(
            __prefactor_value,
            ::prefactor::__private::returning!(Result < u32, Error >),
        )
}
