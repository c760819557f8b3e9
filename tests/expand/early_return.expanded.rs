//! An async function that returns early. `return` and `?` leave the async block, so the runtime sees their value too.
async fn retrieve(query: &str) -> Result<String, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(Result < String, Error >),
            async move {
                if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
                    Result<String, Error>,
                > {
                    return __prefactor_never;
                }
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(
                        &::prefactor::__private::Callsite {
                            schema_name: "agent:retrieve",
                            arguments: &["query"],
                        },
                    );
                    ::prefactor::__private::data(&query).__prefactor_put();
                    ::prefactor::__private::start_span();
                }
                ({
                    if query.is_empty() {
                        return Err(Error::Empty);
                    }
                    let found = search(query).await?;
                    Ok(found)
                })
            },
        )
        .await
}
