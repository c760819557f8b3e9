//! An empty name names nothing.
#[prefactor::span(" ")]
async fn plan() {}

fn main() {
    drop(plan());
}
