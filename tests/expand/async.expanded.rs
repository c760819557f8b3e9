//! An async function. The body becomes an async block, which `run_async` polls in the span.
//! The return that is never taken gives the block its type, so that `?`, coercions and early returns work as in the function.
//! The arguments are captured inside of the block: a borrow outside would keep a second copy of them in the future.
//! `returning!` chooses at compile time how the outcome is read, by the return type alone. It is in a closure, which the compiler inlines; in
//! an async body it would emit a call for each step.
async fn call_llm(model: &str, temperature: f32) -> Result<Completion, Error> {
    let __prefactor_is_recorded = ::prefactor::__private::is_enabled();
    ::prefactor::__private::run_async(
            __prefactor_is_recorded,
            || ::prefactor::__private::returning!(Result < Completion, Error >),
            async move {
                if false {
                    return ::prefactor::__private::never::<Result<Completion, Error>>();
                }
                if __prefactor_is_recorded {
                    ::prefactor::__private::begin_call(
                        &["agent:llm_call", "model", "temperature"],
                    );
                    ::prefactor::__private::put_primitive(&model);
                    ::prefactor::__private::put_primitive(&temperature);
                    ::prefactor::__private::start_span();
                }
                ({ send(model, temperature).await })
            },
        )
        .await
}
