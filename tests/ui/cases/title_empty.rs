#[prefactor::span("agent:search", title = " ")]
fn search() {}

fn main() {
    search();
}
