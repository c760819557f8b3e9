//! A declared `impl Stream` is followed: `StreamLeaf` names the items, and `_` is the way to the stream, which the compiler
//! finds, for example through a `Result`. The span starts at the call and ends with the stream.
//! `err(items)` requires that there is a stream. The closures are the defaults of the rules that are not given.
fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(&["agent:tokens", "prompt"]);
        ::prefactor::__private::data(&prompt).__prefactor_put();
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run_by_value(
        __prefactor_is_recorded,
        move || -> _ {
            let _ = &prompt;
            ({ generate(prompt) })
        },
        |__prefactor_returns| {
            let __prefactor_first = ::prefactor::__private::returning_in::<
                ::prefactor::__private::Opaque<
                    ::prefactor::__private::StreamLeaf<Result<Token, Error>>,
                    _,
                >,
                _,
            >(__prefactor_returns)
                .__prefactor_layer();
            let __prefactor_rest = __prefactor_first
                .__prefactor_outcome()
                .__prefactor_layer()
                .__prefactor_outcome()
                .__prefactor_layer()
                .__prefactor_outcome();
            ::prefactor::__private::with_options(
                __prefactor_rest.__prefactor_finish(),
                ::prefactor::__private::Options {
                    outcome: ::prefactor::__private::NoOptions,
                    stream: {
                        let __prefactor_items = ::prefactor::__private::items(
                            &__prefactor_rest,
                        );
                        __prefactor_items
                            .rules(
                                false,
                                |_| false,
                                |_| false,
                                |_| true,
                                |_| false,
                                __prefactor_items.no_record(),
                            )
                    },
                },
            )
        },
    )
}
