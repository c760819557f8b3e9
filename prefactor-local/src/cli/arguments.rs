//! Parses the command line.

use std::{ffi::OsString, path::PathBuf, str::FromStr, time::Duration};

use lexopt::{
    Arg::{self, Long, Short, Value},
    Parser, ValueExt,
};
use prefactor_local::{Builder, Server};

use super::{Error, misspelt::meant};

const PORT: u16 = 4000;
const A_NUMBER: &str = "a whole number";

/// The default times after which a silent run is marked and ended, as in the library.
const SILENCE: (Duration, Duration) = (Duration::from_secs(10 * 60), Duration::from_secs(24 * 60 * 60));

pub(super) const HELP: &str = "\
A local Prefactor-compatible server with a trace page.

Usage: prefactor-local [serve] [OPTIONS]      serve until ctrl-c
       prefactor-local runs                   list the newest runs
       prefactor-local show RUN               draw a run as a tree
       prefactor-local tail                   print spans as they arrive
       prefactor-local export [RUN]           write a run, or all runs, as JSON Lines
       prefactor-local import [FILE]          add the runs of a file, or of standard input
       prefactor-local terminate RUN REASON   stop a running agent
       prefactor-local token --agent NAME     make a token for one agent
       prefactor-local doctor                 look for what keeps spans from arriving
       prefactor-local completions SHELL      print a script for bash, zsh or fish

Serving:
  --port N            listen on this port (default 4000; 0 takes a free one)
  --database FILE     keep runs in this SQLite file (default: in memory)
  --token T           accept this token (default: any, until one is made)
  --open              open the page in the browser
  --listen ADDRESS    listen on this address (default 127.0.0.1); others need --token
  --allow-host NAME   answer to this name too, e.g. host.docker.internal
  --keep-days N       delete runs that ended more than N days ago
  --keep-mib N        delete the oldest runs while the rows take more than N MiB
  --silent-minutes N  mark a run as silent after N minutes without a change (default 10)
  --end-hours N       end a run that has been silent for N hours (default 24)

All other commands:
  --url URL           ask this server (default: PREFACTOR_API_URL, or port 4000 here)
  --database FILE     ask the server that has this file open, or read the file
  --token T           the server's token (default: PREFACTOR_API_TOKEN)
  --json              print JSON instead of text
  --output FILE       write an export here instead of to standard output
  --limit N           list so many runs (default 20)

  --help              print this text
  --version           print the version
";

#[derive(Debug)]
pub(super) enum Command {
    Serve,
    Runs,
    Show(String),
    Tail,
    Export(Option<String>),
    Import(Option<PathBuf>),
    Terminate(String, String),
    Token,
    Doctor,
    Completions(String),
    Help,
    Version,
}

/// Options that the commands share.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) url: Option<String>,
    pub(super) database: Option<PathBuf>,
    pub(super) token: Option<String>,
    pub(super) json: bool,
    pub(super) output: Option<PathBuf>,
    pub(super) limit: Option<u32>,
    pub(super) agent: Option<String>,
    pub(super) open: bool,
}

#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) command: Command,
    pub(super) options: Options,
    /// Options of a server that is to be started.
    pub(super) builder: Builder,
}

impl Arguments {
    pub(super) fn from_env() -> Result<Self, Error> {
        let mut parser = Parser::from_env();
        let (mut options, mut words) = (Options::default(), Vec::<String>::new());
        let mut builder = Server::builder().port(PORT);
        let (mut silent, mut end) = SILENCE;
        while let Some(argument) = parser.next().map_err(|error| see_help(&error))? {
            match argument {
                Value(word) => words.push(word.string()?),
                Long("port") => {
                    builder = builder.port(read(&mut parser, "a number from 0 to 65535", "--port 4000")?);
                }
                Long("database") => options.database = Some(given(&mut parser, "--database runs.db")?.into()),
                Long("token") => options.token = Some(given(&mut parser, "--token pf_0123")?.string()?),
                Long("url") => {
                    options.url = Some(given(&mut parser, "--url http://127.0.0.1:4000")?.string()?);
                }
                Long("agent") => options.agent = Some(given(&mut parser, "--agent researcher")?.string()?),
                Long("output") | Short('o') => {
                    options.output = Some(given(&mut parser, "--output runs.jsonl")?.into());
                }
                Long("limit") => options.limit = Some(read(&mut parser, A_NUMBER, "--limit 50")?),
                Long("json") => options.json = true,
                Long("open") => options.open = true,
                Long("listen") => {
                    builder = builder.listen(read(&mut parser, "an IP address", "--listen 0.0.0.0")?);
                }
                Long("allow-host") => {
                    builder = builder
                        .allow_host(given(&mut parser, "--allow-host host.docker.internal")?.string()?);
                }
                Long("keep-days") => {
                    let days: u64 = read(&mut parser, A_NUMBER, "--keep-days 30")?;
                    builder = builder.keep_for(Duration::from_secs(days.saturating_mul(24 * 60 * 60)));
                }
                Long("keep-mib") => {
                    let mib: u64 = read(&mut parser, A_NUMBER, "--keep-mib 100")?;
                    builder = builder.keep_bytes(mib.saturating_mul(1 << 20));
                }
                Long("silent-minutes") => {
                    let minutes: u64 = read(&mut parser, A_NUMBER, "--silent-minutes 10")?;
                    silent = Duration::from_secs(minutes.saturating_mul(60));
                }
                Long("end-hours") => {
                    let hours: u64 = read(&mut parser, A_NUMBER, "--end-hours 24")?;
                    end = Duration::from_secs(hours.saturating_mul(60 * 60));
                }
                Long("help") | Short('h') => words = vec!["help".to_owned()],
                Long("version") | Short('V') => words = vec!["version".to_owned()],
                _ => return Err(unknown_option(&argument).into()),
            }
            if words.first().is_some_and(|word| word == "help") {
                break;
            }
        }
        if let Some(file) = &options.database {
            builder = builder.database(file);
        }
        if let Some(token) = &options.token {
            builder = builder.token(token);
        }
        Ok(Self { command: command(words)?, options, builder: builder.silent_runs(silent, end) })
    }
}

/// Takes the value of an option. `example` is the option with a good one.
fn given(parser: &mut Parser, example: &str) -> Result<OsString, Error> {
    let option = example.split(' ').next().unwrap_or_default();
    parser.value().map_err(|_| format!("{option} needs a value: use e.g. {example}").into())
}

/// Reads the value of an option.
fn read<T: FromStr>(parser: &mut Parser, wanted: &str, example: &str) -> Result<T, Error> {
    let value = given(parser, example)?;
    let value = value.to_string_lossy();
    let read = value.parse().ok();
    let option = example.split(' ').next().unwrap_or_default();
    read.ok_or_else(|| format!("{option} takes {wanted}, not {value:?}: use e.g. {example}").into())
}

fn see_help(error: &lexopt::Error) -> String {
    format!("{error}; see prefactor-local --help")
}

fn unknown_option(argument: &Arg<'_>) -> String {
    let option = match argument {
        Long(name) => format!("--{name}"),
        Short(letter) => format!("-{letter}"),
        Value(word) => word.to_string_lossy().into_owned(),
    };
    format!("{option} is not an option: {}", cure(&option, options()))
}

fn cure<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    match meant(word, known) {
        Some(known) => format!("did you mean {known}?"),
        None => "use one of those that prefactor-local --help lists".to_owned(),
    }
}

/// The commands of the help.
fn commands() -> impl Iterator<Item = &'static str> {
    let word = |line: &'static str| line.split_once("prefactor-local ")?.1.split(' ').next();
    HELP.lines().filter_map(word).map(|word| word.trim_matches(['[', ']']))
}

/// The options of the help.
fn options() -> impl Iterator<Item = &'static str> {
    HELP.split_whitespace().filter(|word| word.starts_with("--"))
}

fn command(words: Vec<String>) -> Result<Command, Error> {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_else(|| "serve".to_owned());
    let mut word =
        |what: &str| words.next().ok_or_else(|| format!("{name} needs {what}; see prefactor-local --help"));
    let command = match name.as_str() {
        "serve" => Command::Serve,
        "runs" => Command::Runs,
        "show" => Command::Show(word("the identifier of a run")?),
        "tail" => Command::Tail,
        "export" => Command::Export(words.next()),
        "import" => Command::Import(words.next().map(Into::into)),
        "terminate" => Command::Terminate(word("the identifier of a run")?, word("a reason, in quotes")?),
        "token" => Command::Token,
        "doctor" => Command::Doctor,
        "completions" => Command::Completions(word("the name of a shell: bash, zsh or fish")?),
        "help" => Command::Help,
        "version" => Command::Version,
        _ => {
            return Err(format!("{name:?} is not a command: {}", cure(&name, commands())).into());
        }
    };
    match words.next() {
        Some(extra) => Err(format!("{extra:?} is one word too many: put texts with spaces in quotes").into()),
        None => Ok(command),
    }
}
