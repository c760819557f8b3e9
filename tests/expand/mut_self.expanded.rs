//! A `mut` argument is bound again inside of the block: only a local may be pointed at other locals of the body.
//! `self` needs nothing: a reference has nothing to drop.
async fn step(&mut self, budget: u32) -> u32 {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(u32),
            async move {
                if false {
                    return ::prefactor::__private::never::<u32>();
                }
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(&["agent:step", "budget"]);
                    ::prefactor::__private::put_primitive(&budget);
                    ::prefactor::__private::start_span();
                }
                let mut budget = budget;
                ({
                    budget -= 1;
                    self.spent += 1;
                    budget
                })
            },
        )
        .await
}
