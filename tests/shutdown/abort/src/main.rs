//! Panics within two spans, with a hundred that are done. `tests/shutdown` builds it with `panic = "abort"`.

use prefactor::span;

#[span("abort:done")]
fn done(number: u32) -> u32 {
    number
}

#[span("abort:outer")]
fn outer() {
    (0..100).for_each(|number| assert_eq!(done(number), number));
    inner("on purpose");
}

#[span("abort:inner")]
fn inner(message: &str) {
    panic!("panicked {message}");
}

fn main() -> Result<(), prefactor::Error> {
    let _prefactor = prefactor::init()?;
    outer();
    Ok(())
}
