async fn call_llm(model: &str, temperature: f32) -> Result<Completion, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    ::prefactor::__private::Instrumented {
        future: async move {
            if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
                Result<Completion, Error>,
            > {
                return __prefactor_never;
            }
            if __prefactor_is_recorded {
                ::prefactor::__private::begin(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:llm_call",
                        arguments: &["model", "temperature"],
                    },
                );
                ::prefactor::__private::argument(&model).__prefactor_put();
                ::prefactor::__private::argument(&temperature).__prefactor_put();
                ::prefactor::__private::start();
            }
            ({ send(model, temperature).await })
        },
        span: ::prefactor::__private::OpenSpan::new(__prefactor_is_recorded),
        end: ::prefactor::__private::ways::<Result<Completion, Error>>()
            .__prefactor_end(),
    }
        .await
}
