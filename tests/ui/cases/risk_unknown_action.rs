#[prefactor::span("agent:search", risk(raed_data = allowed))]
fn search() {}

fn main() {
    search();
}
