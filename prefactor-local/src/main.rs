//! The command line of the local server: `prefactor-local --help` lists what it does.

mod cli;

use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "a program says on stderr why it ends")]
fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
