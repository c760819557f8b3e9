//! The commands: each asks a server over HTTP, be it one that runs already or one of its own for a database file.

mod arguments;
mod browser;
mod completions;
mod doctor;
mod list;
mod output;
mod remote;
mod serve;
mod transfer;
mod tree;

use std::process::ExitCode;

pub(crate) use self::output::printable;
use self::{
    arguments::{Arguments, Command},
    output::say,
    remote::Remote,
};

pub(crate) type Error = Box<dyn std::error::Error>;

/// Does what the arguments of the process say.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let arguments = Arguments::from_env()?;
    let options = &arguments.options;
    match &arguments.command {
        Command::Help => say(arguments::HELP.trim_end())?,
        Command::Version => say(concat!("prefactor-local ", env!("CARGO_PKG_VERSION")))?,
        Command::Completions(shell) => say(completions::of(shell)?)?,
        Command::Serve => serve::serve(arguments)?,
        Command::Runs => list::runs(&Remote::find(options)?, options)?,
        Command::Show(run) => tree::show(&Remote::find(options)?, run, options)?,
        Command::Tail => list::tail(&Remote::find(options)?, options)?,
        Command::Export(run) => transfer::export(&Remote::find(options)?, run.as_deref(), options)?,
        Command::Import(file) => transfer::import(&Remote::find(options)?, file.as_deref(), options)?,
        Command::Terminate(run, reason) => list::terminate(&Remote::find(options)?, run, reason, options)?,
        Command::Token => list::token(&Remote::find(options)?, options)?,
        Command::Doctor => return doctor::examine(options),
    }
    Ok(ExitCode::SUCCESS)
}
