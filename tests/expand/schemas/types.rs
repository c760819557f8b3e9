//! The type of the spans, beside the span: title, description, template, risk, and what the signature says.
#[span("agent:llm_call", title = "Model call", template = "{{ model }}: {{ q }}", risk(read_data = allowed, params(classification = internal)), rename(query = "q"), skip(client), fields(size = query.len()))]
/// Asks the model.
///
/// In more words.
fn ask(client: &Client, model: &str, query: Option<Vec<String>>, seed: Option<Seed>) -> Result<u64, Error> {
    client.ask(model, query, seed)
}
