//! A type error in the body points at the user's own tokens.
#[prefactor::span("agent:plan")]
async fn plan() -> String {
    42
}

fn main() {
    drop(plan());
}
