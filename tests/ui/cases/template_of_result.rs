//! A member of the result, which the attribute cannot see.
#[prefactor::span("agent:search", template = "{{ query }}: {{ pages }}")]
fn search(query: &str) -> Vec<String> {
    vec![query.to_owned()]
}

fn main() {
    search("q");
}
