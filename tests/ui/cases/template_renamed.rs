#[prefactor::span("agent:search", rename(q = "query"), template = "{{ q }}")]
fn search(q: &str) {
    let _ = q;
}

fn main() {
    search("q");
}
