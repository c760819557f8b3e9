//! A type of the program that has the name of a primitive one, and nothing that shows it as JSON.

use prefactor::span;

#[allow(non_camel_case_types)]
#[derive(Debug)]
struct u64;

#[span("test:own")]
fn takes(count: u64) {
    let _ = count;
}

fn main() {
    takes(u64);
}
