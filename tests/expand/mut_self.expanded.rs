async fn step(&mut self, budget: u32) -> u32 {
    use ::prefactor::__private::{AwaitsBoxed as _, ReturnsValue as _};
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    let __prefactor_future = async move {
        if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::none::<
            u32,
        >() {
            return __prefactor_never;
        }
        let _ = &budget;
        if __prefactor_is_recorded {
            ::prefactor::__private::arguments(|__prefactor_arguments| {
                use ::prefactor::__private::{
                    ViaDebug as _, ViaSerialize as _, ViaTypeName as _,
                };
                __prefactor_arguments
                    .insert(
                        "budget",
                        (&&&::prefactor::__private::Probe(&budget))
                            .__prefactor_captured(),
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
                || ::prefactor::__private::prepare(const {
                    &::prefactor::__private::Callsite::new("agent:step")
                }),
                false,
                __prefactor_future,
                |__prefactor_returned, __prefactor_wanted| {
                    use ::prefactor::__private::{
                        FailureViaAsRef as _, FailureViaAsRefSend as _,
                        FailureViaDebug as _, FailureViaDisplay as _,
                        FailureViaError as _, FailureViaTypeName as _, SplitResult as _,
                        SplitValue as _, ViaDebug as _, ViaSerialize as _,
                        ViaTypeName as _,
                    };
                    match (&&::prefactor::__private::Returned(__prefactor_returned))
                        .__prefactor_split()
                    {
                        ::prefactor::__private::Ok(
                            __prefactor_value,
                        ) if __prefactor_wanted => {
                            ::prefactor::__private::Outcome::Complete(
                                ::prefactor::__private::Some(
                                    (&&&::prefactor::__private::Probe(__prefactor_value))
                                        .__prefactor_captured(),
                                ),
                            )
                        }
                        ::prefactor::__private::Ok(_) => {
                            ::prefactor::__private::Outcome::Complete(
                                ::prefactor::__private::None,
                            )
                        }
                        ::prefactor::__private::Err(__prefactor_error) => {
                            ::prefactor::__private::Outcome::Failed(
                                (&&&&&&::prefactor::__private::Probe(__prefactor_error))
                                    .__prefactor_failure(),
                            )
                        }
                    }
                },
            )
            .await
    } else {
        __prefactor_future.await
    }
}
