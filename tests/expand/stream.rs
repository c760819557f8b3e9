//! A declared `impl Stream` is followed: `StreamLeaf` names the items, and `_` is the way to the stream, which the compiler
//! finds, for example through a `Result`. The span starts at the call and ends with the stream.
//! `err(items)` requires that there is a stream. The closures are the defaults of the rules that are not given.
#[span("agent:tokens", err(items))]
fn tokens(prompt: String) -> impl Stream<Item = Result<Token, Error>> + Send {
    generate(prompt)
}
