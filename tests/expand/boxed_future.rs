//! A boxed future is followed by its type, under any alias. The span starts at the call and ends with the future.
#[span("agent:tool_call")]
fn call(&self, input: Input) -> Pin<Box<dyn Future<Output = Output> + Send + '_>> {
    Box::pin(async move { self.run(input).await })
}
