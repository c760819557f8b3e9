async fn rank<'a, T, const N: usize>(
    documents: [&'a T; N],
    by: impl Fn(&T) -> f32,
) -> Option<&'a T>
where
    T: ?Sized,
{
    let __prefactor_is_recorded = ::prefactor::__private::is_anybody_there();
    ::prefactor::__private::Instrumented {
        future: async move {
            if let ::prefactor::__private::Some(__prefactor_never) = ::prefactor::__private::None::<
                Option<&'a T>,
            > {
                return __prefactor_never;
            }
            let _ = &by;
            if __prefactor_is_recorded {
                ::prefactor::__private::begin(
                    &::prefactor::__private::Callsite {
                        schema_name: "agent:rank",
                        arguments: &["documents", "by"],
                    },
                );
                ::prefactor::__private::argument(&documents).__prefactor_put();
                ::prefactor::__private::argument(&by).__prefactor_put();
                ::prefactor::__private::start();
            }
            ({
                documents
                    .into_iter()
                    .max_by(|left, right| by(left).total_cmp(&by(right)))
            })
        },
        span: ::prefactor::__private::OpenSpan::new(__prefactor_is_recorded),
        end: ::prefactor::__private::ways::<Option<&'a T>>().__prefactor_end(),
    }
        .await
}
