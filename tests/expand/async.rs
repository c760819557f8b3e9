//! An async function. The body becomes an async block, which `run_async` polls in the span.
//! The return that is never taken gives the block its type, so that `?`, coercions and early returns work as in the function.
//! The arguments are captured inside of the block: a borrow outside would keep a second copy of them in the future.
//! `returning!` chooses at compile time how the outcome is read, by the return type alone. It is in a closure, which the compiler inlines; in
//! an async body it would emit a call for each step.
#[span("agent:llm_call")]
async fn call_llm(model: &str, temperature: f32) -> Result<Completion, Error> {
    send(model, temperature).await
}
