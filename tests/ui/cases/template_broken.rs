#[prefactor::span("agent:search", template = "{% if query %}{{ query }}")]
fn search(query: &str) {
    let _ = query;
}

fn main() {
    search("q");
}
