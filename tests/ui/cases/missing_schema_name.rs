//! Without a schema name there is no kind of work to record.
#[prefactor::span]
async fn plan() {}

fn main() {
    drop(plan());
}
