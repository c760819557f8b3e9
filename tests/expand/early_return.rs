#[span("agent:retrieve")]
async fn retrieve(query: &str) -> Result<String, Error> {
    if query.is_empty() {
        return Err(Error::Empty);
    }
    let found = search(query).await?;
    Ok(found)
}
