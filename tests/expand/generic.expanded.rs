//! A generic function. `let _ = &by;` takes an argument along that may need a drop, so that it drops inside of the span, and in
//! the order in which the function would drop its arguments.
async fn rank<'a, T, const N: usize>(
    documents: [&'a T; N],
    by: impl Fn(&T) -> f32,
) -> Option<&'a T>
where
    T: ?Sized,
{
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(Option < & 'a T >),
            async move {
                if false {
                    return ::prefactor::__private::never::<Option<&'a T>>();
                }
                let _ = &by;
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(
                        &["agent:rank", "documents", "by"],
                    );
                    ::prefactor::__private::argument(&documents)
                        .__prefactor_strategies()
                        .__prefactor_put();
                    ::prefactor::__private::argument(&by)
                        .__prefactor_strategies()
                        .__prefactor_put();
                    ::prefactor::__private::start_span();
                }
                ({
                    documents
                        .into_iter()
                        .max_by(|left, right| by(left).total_cmp(&by(right)))
                })
            },
        )
        .await
}
