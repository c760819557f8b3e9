//! The name is a string literal.
#[prefactor::span(agent::plan)]
async fn plan() {}

fn main() {
    drop(plan());
}
