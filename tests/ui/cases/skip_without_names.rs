//! `skip` needs names.
#[prefactor::span("agent:plan", skip)]
async fn plan(a: u8) {
    let _ = a;
}

fn main() {
    drop(plan(1));
}
