#[span("agent:tool_call")]
fn call(&self, input: Input) -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
    Box::pin(async move { self.run(input).await })
}
