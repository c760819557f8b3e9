pub(crate) fn plan(goal: &str) -> Vec<Step> {
    let __prefactor_call = if ::prefactor::__private::is_anybody_there() {
        ::prefactor::__private::call(
            const { &::prefactor::__private::Callsite::new("agent:plan") },
            |__prefactor_arguments| {
                use ::prefactor::__private::{
                    ViaDebug as _, ViaSerialize as _, ViaTypeName as _,
                };
                __prefactor_arguments
                    .insert(
                        "goal",
                        (&&&::prefactor::__private::Probe(&goal)).__prefactor_captured(),
                    );
            },
        )
    } else {
        ::prefactor::__private::Call::NOTHING
    };
    use ::prefactor::__private::{ReturnsBoxed as _, ReturnsValue as _};
    (&&::prefactor::__private::Returns::<Vec<Step>>::TYPE)
        .__prefactor_run(
            __prefactor_call,
            false,
            move || -> Vec<Step> {
                let _ = &goal;
                ({ goal.split(' ').map(Step::new).collect() })
            },
            |__prefactor_returned, __prefactor_wanted| {
                use ::prefactor::__private::{
                    FailureViaAsRef as _, FailureViaAsRefSend as _, FailureViaDebug as _,
                    FailureViaDisplay as _, FailureViaError as _,
                    FailureViaTypeName as _, SplitResult as _, SplitValue as _,
                    ViaDebug as _, ViaSerialize as _, ViaTypeName as _,
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
}
