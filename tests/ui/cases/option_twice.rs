//! An option is given once.
#[prefactor::span("agent:plan", skip(a), skip(b))]
async fn plan(a: u8, b: u8) {
    let _ = (a, b);
}

fn main() {
    drop(plan(1, 2));
}
