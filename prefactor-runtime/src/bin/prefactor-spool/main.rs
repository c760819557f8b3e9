//! The command line of the spool: `prefactor-spool --help` lists its commands.

mod arguments;
mod deliver;
mod export;
mod inspect;
mod output;
mod progress;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command, HELP};
use crate::output::{complain, say};

/// Any error, with what to do about it.
type Error = Box<dyn std::error::Error>;

/// The command line is wrong.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let arguments = match Arguments::from_env() {
        Ok(arguments) => arguments,
        Err(error) => {
            complain(&format!("{error}; see prefactor-spool --help"));
            return ExitCode::from(MISUSED);
        }
    };
    let done = match &arguments.command {
        Command::Help => say(HELP.trim_end()).map(|()| ExitCode::SUCCESS),
        Command::Version => {
            say(concat!("prefactor-spool ", env!("CARGO_PKG_VERSION"))).map(|()| ExitCode::SUCCESS)
        }
        Command::Inspect(directory) => inspect::inspect(directory),
        Command::Export(directory) => export::export(directory, arguments.output.as_deref()),
        Command::Deliver(directory) => deliver::deliver(directory, arguments.delivery),
    };
    done.unwrap_or_else(|error| {
        complain(&error.to_string());
        ExitCode::FAILURE
    })
}
