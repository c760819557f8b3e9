#[prefactor::span("agent:search", schemars(query))]
fn search<Q: Copy>(query: Q) {
    let _ = query;
}

fn main() {
    search(1);
}
