//! An async function that returns early. `return` and `?` leave the async block, so the runtime sees their value too.
async fn retrieve(query: &str) -> Result<String, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(Result < String, Error >),
            async move {
                if false {
                    return ::prefactor::__private::never::<Result<String, Error>>();
                }
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(&["agent:retrieve", "query"]);
                    ::prefactor::__private::put_primitive(&query);
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
