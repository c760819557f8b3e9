async fn retrieve(query: &str) -> Result<String, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    ::prefactor::__private::Instrumented {
        future: async move {
            if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
                Result<String, Error>,
            > {
                return __prefactor_never;
            }
            if __prefactor_is_recorded {
                ::prefactor::__private::begin(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:retrieve",
                        arguments: &["query"],
                    },
                );
                ::prefactor::__private::argument(&query).__prefactor_put();
                ::prefactor::__private::start();
            }
            ({
                if query.is_empty() {
                    return Err(Error::Empty);
                }
                let found = search(query).await?;
                Ok(found)
            })
        },
        span: ::prefactor::__private::OpenSpan::new(__prefactor_is_recorded),
        end: ::prefactor::__private::ways::<Result<String, Error>>().__prefactor_end(),
    }
        .await
}
