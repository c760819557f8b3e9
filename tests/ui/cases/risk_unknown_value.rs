#[prefactor::span("agent:search", risk(params(classification = publik)))]
fn search() {}

fn main() {
    search();
}
