//! `deliver`: sends the spool's spans to the server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use prefactor_runtime::spool_tool::{Delivery, Outcome};

use crate::Error;
use crate::output::{count, name, say};
use crate::progress::Bar;

pub(crate) fn deliver(directory: &Path, delivery: Delivery) -> Result<ExitCode, Error> {
    let mut bar = Bar::new("delivered");
    let outcome = delivery.run(directory, &mut |progress| bar.show(progress.done, progress.all));
    bar.end();
    let outcome = outcome?;
    tell(&outcome)?;
    let is_left = !outcome.left.is_empty() || !outcome.unreadable.is_empty();
    let is_whole = !is_left && outcome.dropped.is_empty() && outcome.unknown == 0;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(outcome: &Outcome) -> Result<(), Error> {
    say(format_args!("{} delivered", count(outcome.delivered, "span")))?;
    for (reason, spans) in &outcome.dropped {
        say(format_args!("{} dropped ({reason})", count(*spans, "span")))?;
    }
    if outcome.unknown > 0 {
        say(format_args!("{} with unknown outcome", count(outcome.unknown, "span")))?;
    }
    if outcome.damaged > 0 {
        let places = count(outcome.damaged, "place");
        say(format_args!("damaged in {places}: damaged records are kept in the folder set-aside"))?;
    }
    list(&outcome.left, "left: see the lines above, and try again")?;
    list(&outcome.unreadable, "not readable by this user: run this as the user who wrote it")?;
    list(&outcome.of_other_servers, "of another server: set PREFACTOR_API_URL to its address")?;
    list(
        &outcome.of_other_tokens,
        "written with another token: set PREFACTOR_API_TOKEN to it, or say --renewed-token if it was replaced",
    )?;
    list(&outcome.held, "held by a running process, which delivers it")
}

fn list(journals: &[PathBuf], what: &str) -> Result<(), Error> {
    journals.iter().try_for_each(|journal| say(format_args!("{} is {what}", name(journal))))
}
