//! A stream has members of its own in the result; the function's path names the type.
fn tokens(prompt: String) -> impl Stream<Item = String> {
    ::prefactor::__private::contribute! {
        ::prefactor::__private::Contribution { schema_name :
        ::prefactor::__private::concat!(::prefactor::__private::module_path!(),
        "::tokens"), place :
        ::prefactor::__private::concat!(::prefactor::__private::module_path!(),
        "::tokens:", ::prefactor::__private::line!()), params : & [("prompt",
        ::prefactor::__private::Shape::Text)], result :
        ::prefactor::__private::Shape::Anything, result_members : & [("answer",
        ::prefactor::__private::Shape::Anything), ("items",
        ::prefactor::__private::Shape::Unsigned), ("time_to_first_item_ms",
        ::prefactor::__private::Shape::Number)], ..
        ::prefactor::__private::Contribution::EMPTY }
    }
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    if __prefactor_is_recorded {
        ::prefactor::__private::begin_call(
            &[
                ::prefactor::__private::concat!(
                    ::prefactor::__private::module_path!(), "::tokens"
                ),
                "prompt",
            ],
        );
        ::prefactor::__private::data(&prompt).__prefactor_put();
        ::prefactor::__private::start_span();
    }
    ::prefactor::__private::run_by_value(
        __prefactor_is_recorded,
        move || -> _ {
            let _ = &prompt;
            ({ split(prompt) })
        },
        |__prefactor_returns| {
            let __prefactor_first = ::prefactor::__private::returning_in::<
                ::prefactor::__private::Opaque<
                    ::prefactor::__private::StreamLeaf<String>,
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
                                __prefactor_items
                                    .list(|__prefactor_item| match ::prefactor::__private::sides(
                                            __prefactor_item,
                                        )
                                        .__prefactor_split(__prefactor_item)
                                    {
                                        ::prefactor::__private::Ok(__prefactor_value) => {
                                            ::prefactor::__private::value(__prefactor_value)
                                                .__prefactor_strategies()
                                                .__prefactor_captured()
                                        }
                                        ::prefactor::__private::Err(_) => {
                                            ::prefactor::__private::None
                                        }
                                    }),
                            )
                    },
                },
            )
        },
    )
}
