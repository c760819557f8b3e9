#[prefactor::span("agent:search", schemars(return))]
fn search() {}

fn main() {
    search();
}
