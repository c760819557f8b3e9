//! Puts a server under load, and prints the account of every span.
//!
//! ```text
//! PREFACTOR_API_URL=… PREFACTOR_API_TOKEN=… cargo run --release --example load -- --spans 100000 --tasks 8 --rate 20000
//! ```
//!
//! Tasks that run at once make nested spans with `#[span]`, some of which fail. The payload of each has its number, its
//! parent's and its task's, so that a ledger on the server can check the tree. The last line of the output is a JSON
//! object with the account. The exit status is 0 when the account adds up. `--help` names the options.

mod arguments;
mod report;
mod work;

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use prefactor::Client;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::arguments::{Load, Request, USAGE};
use crate::report::Report;

/// The command line or the environment asks for something that cannot be done.
const MISUSED: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let load = match Request::from_command_line() {
        Ok(Request::Help) => {
            say(USAGE.trim_end());
            return ExitCode::SUCCESS;
        }
        Ok(Request::Run(load)) => load,
        Err(message) => return complain(&message),
    };
    match run(load).await {
        Ok(report) => {
            say(&report);
            if report.adds_up() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => complain(&error.to_string()),
    }
}

async fn run(load: Load) -> Result<Report, Box<dyn std::error::Error>> {
    // The limit of a text is at least the payload's length, so that only the limit of a whole payload shortens it.
    let mut builder = Client::builder().max_input_length(load.payload_bytes.max(10_000));
    if let Some(operations) = load.queue {
        builder = builder.max_queue_operations(operations);
    }
    #[cfg(feature = "spool")]
    if let Some(directory) = &load.spool {
        builder = builder.spool(directory.as_str());
    }
    let guard = builder.install()?;
    if !guard.is_enabled() {
        return Err("PREFACTOR_DISABLED is set, so that there are no spans; unset it".into());
    }
    let begin = Instant::now();
    let watcher = load.spool.is_some().then(|| tokio::spawn(watch(guard.client().clone(), load.first)));
    let made = work::run(&load).await?;
    watcher.inspect(JoinHandle::abort);
    let settled = guard.shutdown_async(load.deadline).await;
    Ok(Report::new(made, &settled.stats, begin.elapsed()))
}

/// Prints what is on disk, by the client's count. With one task the spans are written in the order of their numbers.
async fn watch(client: Client, first: u64) {
    for round in 0_u64.. {
        sleep(Duration::from_millis(2)).await;
        let written = client.stats().spooled;
        say(format_args!("written {}", (first + written).saturating_sub(1)));
        if round % 8 == 0 {
            let begun = client.stats().created;
            let report = client.flush_async(Duration::from_secs(10)).await;
            if report.is_complete && report.stats.adopted == 0 {
                say(format_args!("flushed {}", (first + begun).saturating_sub(1)));
            }
        }
    }
}

/// Prints a line. A reader that has left changes nothing about the account.
fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn complain(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{message}");
    ExitCode::from(MISUSED)
}
