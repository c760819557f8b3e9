async fn step(&mut self, budget: u32) -> u32 {
    use ::prefactor::__private::{AwaitsBoxed as _, ReturnsValue as _};
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    let __prefactor_future = async move {
        if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
            u32,
        > {
            return __prefactor_never;
        }
        let _ = &budget;
        if __prefactor_is_recorded {
            ::prefactor::__private::aside(|| {
                use ::prefactor::__private::Argues as _;
                ::prefactor::__private::arguments(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:step",
                        arguments: &["budget"],
                    },
                    &[(&&&::prefactor::__private::Probe(&budget)).__prefactor_argument()],
                );
            });
        }
        let mut budget = budget;
        ({
            budget -= 1;
            self.spent += 1;
            budget
        })
    };
    if __prefactor_is_recorded {
        (&&::prefactor::__private::Returns::<u32>::TYPE)
            .__prefactor_run_async(
                || ::prefactor::__private::prepare(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:step",
                        arguments: &["budget"],
                    },
                ),
                false,
                __prefactor_future,
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
            .await
    } else {
        __prefactor_future.await
    }
}
