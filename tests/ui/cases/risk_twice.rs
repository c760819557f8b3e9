#[prefactor::span("agent:search", risk(result(minors_data = included, minors_data = excluded)))]
fn search() {}

fn main() {
    search();
}
