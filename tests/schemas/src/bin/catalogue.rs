//! Prints what the linker has collected.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "the test compares the output")]

fn main() {
    print!("{}", prefactor_schemas::printed(&prefactor_schemas::catalogue()));
}
