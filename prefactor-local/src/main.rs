//! The program `prefactor-local`; its `--help` lists the commands.

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
