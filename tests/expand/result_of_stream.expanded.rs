//! `WithinLeaf` says that a name stands around the declared stream. `anyhow::Result` is taken apart; a `Fuse` would be left as it is.
async fn tokens(prompt: String) -> anyhow::Result<impl Stream<Item = Token>> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async_by_value(
            __prefactor_is_recorded,
            async move {
                if false {
                    return ::prefactor::__private::never::<anyhow::Result<_>>();
                }
                let _ = &prompt;
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(&["agent:tokens", "prompt"]);
                    ::prefactor::__private::data(&prompt).__prefactor_put();
                    ::prefactor::__private::start_span();
                }
                ({ generate(prompt).await })
            },
            |__prefactor_returns| {
                ::prefactor::__private::returning!(
                    ::prefactor::__private::Opaque < ::prefactor::__private::WithinLeaf <
                    ::prefactor::__private::StreamLeaf < Token > >, _ >,
                    __prefactor_returns
                )
            },
        )
        .await
}
