//! The commands. Each asks a server over HTTP: one that runs already, or one of its own for a database file.

mod arguments;
mod browser;
mod completions;
mod doctor;
mod list;
mod misspelt;
mod output;
mod progress;
mod remote;
mod serve;
mod transfer;
mod tree;

use std::process::ExitCode;

use serde_json::json;

use self::{
    arguments::{Arguments, Command},
    output::{escaped, printable, say, say_json},
    remote::Remote,
};

pub(crate) type Error = Box<dyn std::error::Error>;

/// Runs the command of the process's arguments. Its error is the line for standard error.
pub(crate) fn run() -> Result<ExitCode, String> {
    let text = |error: &Error| ["prefactor-local: ", &printable(&error.to_string())].concat();
    let arguments = Arguments::from_env().map_err(|error| text(&error))?;
    let is_json = arguments.options.json;
    perform(arguments).map_err(|error| {
        if is_json { escaped(&json!({"error": error.to_string()}).to_string()) } else { text(&error) }
    })
}

fn perform(arguments: Arguments) -> Result<ExitCode, Error> {
    let options = &arguments.options;
    match &arguments.command {
        Command::Help => say(arguments::HELP.trim_end())?,
        Command::Version if options.json => say_json(&json!({"version": env!("CARGO_PKG_VERSION")}))?,
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
