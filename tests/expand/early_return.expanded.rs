async fn retrieve(query: &str) -> Result<String, Error> {
    use ::prefactor::__private::{AwaitsBoxed as _, ReturnsValue as _};
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    let __prefactor_future = async move {
        if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
            Result<String, Error>,
        > {
            return __prefactor_never;
        }
        let _ = &query;
        if __prefactor_is_recorded {
            ::prefactor::__private::aside(|| {
                use ::prefactor::__private::Argues as _;
                ::prefactor::__private::arguments(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:retrieve",
                        arguments: &["query"],
                    },
                    &[(&&&::prefactor::__private::Probe(&query)).__prefactor_argument()],
                );
            });
        }
        ({
            if query.is_empty() {
                return Err(Error::Empty);
            }
            let found = search(query).await?;
            Ok(found)
        })
    };
    if __prefactor_is_recorded {
        (&&::prefactor::__private::Returns::<Result<String, Error>>::TYPE)
            .__prefactor_run_async(
                || ::prefactor::__private::prepare(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:retrieve",
                        arguments: &["query"],
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
