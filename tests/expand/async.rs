#[span("agent:llm_call")]
async fn call_llm(model: &str, temperature: f32) -> Result<Completion, Error> {
    send(model, temperature).await
}
