#[span("agent:tokens", err(items))]
fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    generate(prompt)
}
