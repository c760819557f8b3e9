//! Parses the command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt as _};
use prefactor_runtime::spool_tool::Delivery;

use crate::Error;

pub(crate) const HELP: &str = "\
Reads the spool of an agent, delivers it, or exports it: the directory of PREFACTOR_SPOOL_DIR.

Usage: prefactor-spool inspect DIR     show what waits
       prefactor-spool deliver DIR     send what waits to the server
       prefactor-spool export DIR      write what waits as JSON Lines, and leave it there

What a running process holds is shown and exported, and left to it for delivery.

deliver:
  --renewed-token     also what was written with another token: it was renewed, and the account is the same
  --idle-timeout S    give up when nothing was delivered for S seconds (default 30)

export:
  --output FILE       write here instead of to standard output

  --help              print this text
  --version           print the version

Environment of deliver:
  PREFACTOR_API_URL, PREFACTOR_API_TOKEN, PREFACTOR_API_TOKEN_FILE
      the server and its token, as for the agent. What belongs to another server stays where it is:
      export it, and `prefactor-local import` adds it to a local one.

Exit status:
  0   done; deliver: everything that belongs to the server and the token is delivered
  1   something is left, or went wrong
  2   the command line is wrong
";

#[derive(Debug)]
pub(crate) enum Command {
    Inspect(PathBuf),
    Deliver(PathBuf),
    Export(PathBuf),
    Help,
    Version,
}

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) command: Command,
    pub(crate) delivery: Delivery,
    /// Of an export.
    pub(crate) output: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn from_env() -> Result<Self, Error> {
        let mut parser = Parser::from_env();
        let mut delivery = Delivery { is_token_renewed: false, idle_timeout: Duration::from_secs(30) };
        let (mut output, mut words) = (None, Vec::new());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Value(word) => words.push(word),
                Arg::Long("renewed-token") => delivery.is_token_renewed = true,
                Arg::Long("idle-timeout") => {
                    let seconds: f64 = parser.value()?.parse()?;
                    delivery.idle_timeout = Duration::try_from_secs_f64(seconds).map_err(|_| {
                        format!("--idle-timeout cannot be {seconds}: say e.g. --idle-timeout 30")
                    })?;
                }
                Arg::Long("output") | Arg::Short('o') => output = Some(parser.value()?.into()),
                Arg::Long("help") | Arg::Short('h') => {
                    return Ok(Self { command: Command::Help, delivery, output });
                }
                Arg::Long("version") | Arg::Short('V') => {
                    return Ok(Self { command: Command::Version, delivery, output });
                }
                _ => return Err(argument.unexpected().into()),
            }
        }
        let mut words = words.into_iter();
        let name = words.next().ok_or("say what to do: inspect, deliver or export")?;
        let make = match name.to_str() {
            Some("inspect") => Command::Inspect,
            Some("deliver") => Command::Deliver,
            Some("export") => Command::Export,
            _ => return Err(format!("there is no command {}", name.to_string_lossy()).into()),
        };
        let directory = words.next().ok_or("name the directory of the spool")?;
        match words.next() {
            Some(word) => {
                Err(format!("one directory at a time: {} is too much", word.to_string_lossy()).into())
            }
            None => Ok(Self { command: make(directory.into()), delivery, output }),
        }
    }
}
