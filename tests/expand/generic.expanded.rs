async fn rank<'a, T, const N: usize>(
    documents: [&'a T; N],
    by: impl Fn(&T) -> f32,
) -> Option<&'a T>
where
    T: ?Sized,
{
    use ::prefactor::__private::{AwaitsBoxed as _, ReturnsValue as _};
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    let __prefactor_future = async move {
        if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
            Option<&'a T>,
        > {
            return __prefactor_never;
        }
        let _ = &by;
        let _ = &documents;
        if __prefactor_is_recorded {
            ::prefactor::__private::aside(|| {
                use ::prefactor::__private::Argues as _;
                ::prefactor::__private::arguments(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:rank",
                        arguments: &["documents", "by"],
                    },
                    &[
                        (&&&::prefactor::__private::Probe(&documents))
                            .__prefactor_argument(),
                        (&&&::prefactor::__private::Probe(&by)).__prefactor_argument(),
                    ],
                );
            });
        }
        ({ documents.into_iter().max_by(|left, right| by(left).total_cmp(&by(right))) })
    };
    if __prefactor_is_recorded {
        (&&::prefactor::__private::Returns::<Option<&'a T>>::TYPE)
            .__prefactor_run_async(
                || ::prefactor::__private::prepare(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:rank",
                        arguments: &["documents", "by"],
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
