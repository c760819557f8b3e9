async fn call_llm(model: &str, temperature: f32) -> Result<Completion, Error> {
    use ::prefactor::__private::{AwaitsBoxed as _, ReturnsValue as _};
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    let __prefactor_future = async move {
        if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::none::<
            Result<Completion, Error>,
        >() {
            return __prefactor_never;
        }
        let _ = &temperature;
        let _ = &model;
        if __prefactor_is_recorded {
            ::prefactor::__private::arguments(|__prefactor_arguments| {
                use ::prefactor::__private::{
                    ViaDebug as _, ViaSerialize as _, ViaTypeName as _,
                };
                __prefactor_arguments
                    .insert(
                        "model",
                        (&&&::prefactor::__private::Probe(&model)).__prefactor_captured(),
                    );
                __prefactor_arguments
                    .insert(
                        "temperature",
                        (&&&::prefactor::__private::Probe(&temperature))
                            .__prefactor_captured(),
                    );
            });
        }
        ({ send(model, temperature).await })
    };
    if __prefactor_is_recorded {
        (&&::prefactor::__private::Returns::<Result<Completion, Error>>::TYPE)
            .__prefactor_run_async(
                || ::prefactor::__private::prepare(const {
                    &::prefactor::__private::Callsite::new("agent:llm_call")
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
