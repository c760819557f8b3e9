#[prefactor::span("agent:search", debug(query), schemars(query))]
fn search(query: &str) {
    let _ = query;
}

fn main() {
    search("q");
}
