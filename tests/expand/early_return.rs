//! An async function that returns early. `return` and `?` leave the async block, so the runtime sees their value too.
#[span("agent:retrieve")]
async fn retrieve(query: &str) -> Result<String, Error> {
    if query.is_empty() {
        return Err(Error::Empty);
    }
    let found = search(query).await?;
    Ok(found)
}
