//! `inspect`: lists the contents of the spool.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use prefactor_runtime::spool_tool::{JournalSummary, SpoolSummary};

use crate::Error;
use crate::output::{count, name, printable, say};

pub(crate) fn inspect(directory: &Path) -> Result<ExitCode, Error> {
    let spool = SpoolSummary::read(directory).map_err(|error| unreadable(directory, &error))?;
    for journal in &spool.journals {
        show(journal)?;
    }
    for (path, error) in &spool.unreadable {
        say(name(path))?;
        say(format_args!("  cannot be read ({error}): run this as the user who wrote it"))?;
    }
    let spans = spool.journals.iter().map(|journal| journal.spans).sum();
    let journals = spool.journals.len() as u64;
    say(format_args!("{} in {} wait for delivery", count(spans, "span"), count(journals, "journal")))?;
    if !spool.set_aside.is_empty() {
        let bytes: u64 = spool.set_aside.iter().map(|(_, bytes)| bytes).sum();
        let files = count(spool.set_aside.len() as u64, "file");
        say(format_args!("{files} ({bytes} bytes) set aside, which no program reads:"))?;
    }
    for (file, bytes) in &spool.set_aside {
        say(format_args!("  {} ({bytes} bytes)", printable(file)))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn unreadable(directory: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read ({error}): name a directory that a client spools to", directory.display())
}

fn show(journal: &JournalSummary) -> Result<(), Error> {
    say(name(&journal.path))?;
    match journal.agent_and_server() {
        Some((agent, server)) => {
            say(format_args!("  of the agent {} at {}", printable(agent), printable(server)))?;
        }
        None => say("  owner unknown: its head is damaged or being written")?,
    }
    let process = journal.pid.map_or_else(String::new, |pid| format!(" {pid}"));
    if journal.is_held {
        say(format_args!("  held by the process{process} or one that delivers it"))?;
    } else {
        say(format_args!("  left by the process{process}"))?;
    }
    let open = match journal.open {
        0 => String::new(),
        open => format!(", {open} of them cut off"),
    };
    say(format_args!(
        "  {}{open}, {}, {}, {} bytes",
        count(journal.spans, "span"),
        count(journal.runs, "run"),
        count(journal.operations, "operation"),
        journal.bytes
    ))?;
    if let Some(last) = journal.last_at {
        let ago = SystemTime::now().duration_since(last).unwrap_or_default().as_secs();
        say(format_args!("  last written to {} ago", count(ago, "second")))?;
    }
    if journal.damaged > 0 {
        say(format_args!(
            "  damaged in {}: undamaged records are delivered",
            count(journal.damaged, "place")
        ))?;
    }
    if journal.unreadable > 0 {
        let files = count(journal.unreadable, "file");
        say(format_args!("  has {files} that cannot be read: run this as the user who wrote them"))?;
    }
    for version in &journal.other_versions {
        say(format_args!("  has a file of version {version}: use the prefactor-spool of that version"))?;
    }
    Ok(())
}
