//! `skip_all` has the last word.
#[prefactor::span("agent:plan", debug(a), skip_all)]
async fn plan(a: u8) {
    let _ = a;
}

fn main() {
    drop(plan(1));
}
