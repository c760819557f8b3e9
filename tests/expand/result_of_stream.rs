//! `WithinLeaf` says that a name stands around the declared stream. `anyhow::Result` is taken apart; a `Fuse` would be left as it is.
#[span("agent:tokens")]
async fn tokens(prompt: String) -> anyhow::Result<impl Stream<Item = Token>> {
    generate(prompt).await
}
