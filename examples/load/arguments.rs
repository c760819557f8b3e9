//! The command line.

use std::str::FromStr;
use std::time::Duration;

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Short};

pub(crate) const USAGE: &str = "\
Makes spans, delivers them, and prints what became of them as one JSON object: its last line.

Usage: cargo run --release --example load -- [OPTIONS]

Options:
  --spans N           spans in all (default: 1000)
  --tasks K           tasks that make them at once (default: 8)
  --depth D           spans within each other, at most (default: 3)
  --fail-ratio R      share of the spans that fail, from 0 to 1 (default: 0.1)
  --payload-bytes B   bytes of text in the payload of each span (default: 256)
  --deadline S        seconds that the shutdown may take (default: 10)
  --rate N            spans a second, at most (default: as many as there can be;
                      what the queue cannot take is dropped and counted)
  --queue N           operations that may wait for delivery (default: as in any program)
  --first N           the number of the first span (default: 1)
  --spool DIR         keep what waits in a directory (with the feature `spool`), and print as it goes how
                      many spans are written: `written N` by the client's counts, `flushed N` by a flush
  -h, --help          show this text

Environment:
  PREFACTOR_API_URL, PREFACTOR_API_TOKEN
      the server and its token; `cargo run -p prefactor-local` starts one and prints both

Exit status:
  0   every span is accounted for: created = acknowledged + dropped + unknown + outstanding; so is every run
  1   it is not
  2   an option or a variable is wrong
";

/// The command of the arguments.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Run(Load),
}

/// The load to be made.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) spans: u64,
    pub(crate) tasks: u64,
    pub(crate) depth: u64,
    pub(crate) fail_ratio: f64,
    pub(crate) payload_bytes: usize,
    pub(crate) deadline: Duration,
    /// Spans a second.
    pub(crate) rate: Option<f64>,
    /// Operations that may wait for delivery; the default of the SDK without it.
    pub(crate) queue: Option<usize>,
    pub(crate) first: u64,
    pub(crate) spool: Option<String>,
}

impl Request {
    pub(crate) fn from_command_line() -> Result<Self, String> {
        let mut load = Load {
            spans: 1_000,
            tasks: 8,
            depth: 3,
            fail_ratio: 0.1,
            payload_bytes: 256,
            deadline: Duration::from_secs(10),
            rate: None,
            queue: None,
            first: 1,
            spool: None,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next().map_err(|error| hint(&error))? {
            match argument {
                Short('h') | Long("help") => return Ok(Self::Help),
                Long("spans") => load.spans = value(&mut parser)?,
                Long("tasks") => load.tasks = within(value(&mut parser)?, "--tasks", |tasks| *tasks > 0)?,
                Long("depth") => load.depth = within(value(&mut parser)?, "--depth", |depth| *depth > 0)?,
                Long("fail-ratio") => {
                    load.fail_ratio =
                        within(value(&mut parser)?, "--fail-ratio", |ratio| (0.0..=1.0).contains(ratio))?;
                }
                Long("payload-bytes") => load.payload_bytes = value(&mut parser)?,
                Long("deadline") => {
                    let seconds = value(&mut parser)?;
                    load.deadline =
                        Duration::try_from_secs_f64(seconds).map_err(|_| outside("--deadline", &seconds))?;
                }
                Long("first") => load.first = value(&mut parser)?,
                Long("spool") if cfg!(feature = "spool") => load.spool = Some(value(&mut parser)?),
                Long("spool") => return Err("--spool needs the feature `spool`: add --features spool".into()),
                Long("queue") => load.queue = Some(value(&mut parser)?),
                Long("rate") => {
                    let is_rate = |rate: &f64| rate.is_finite() && *rate > 0.0;
                    load.rate = Some(within(value(&mut parser)?, "--rate", is_rate)?);
                }
                unknown => return Err(hint(&unknown.unexpected())),
            }
        }
        Ok(Self::Run(load))
    }
}

fn value<T>(parser: &mut lexopt::Parser) -> Result<T, String>
where
    T: FromStr,
    T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    parser.value().and_then(|value| value.parse()).map_err(|error| hint(&error))
}

fn within<T: ToString>(value: T, option: &str, is_within: impl FnOnce(&T) -> bool) -> Result<T, String> {
    if is_within(&value) { Ok(value) } else { Err(outside(option, &value)) }
}

fn outside(option: &str, value: &impl ToString) -> String {
    format!("{option} cannot be {}; run it with --help to see what it takes", value.to_string())
}

fn hint(error: &lexopt::Error) -> String {
    format!("{error}; run it with --help to see what it takes")
}
