//! A stream has members of its own in the result; the function's path names the type.
#[span(ret(items), result_members(answer))]
fn tokens(prompt: String) -> impl Stream<Item = String> {
    split(prompt)
}
