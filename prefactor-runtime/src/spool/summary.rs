//! Summarises a spool without its agents, and without changing anything on disk.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::operation::Operation;
use crate::platform::clock::Timestamp;
use crate::spool::contents::Contents;
use crate::spool::directory;
use crate::spool::folder::SET_ASIDE;
use crate::spool::index::{Index, run_of};
use crate::spool::lock::Lock;
use crate::spool::owner::Owner;

/// A spool.
#[derive(Debug)]
pub struct SpoolSummary {
    /// The oldest first.
    pub journals: Vec<JournalSummary>,
    /// Journals that are there and cannot be read, each with the reason.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    /// Files that no program reads, with their lengths.
    pub set_aside: Vec<(String, u64)>,
}

/// One journal, the files of one process.
#[derive(Debug)]
pub struct JournalSummary {
    /// Its folder.
    pub path: PathBuf,
    pub(crate) owner: Option<Owner>,
    /// The process that wrote it.
    pub pid: Option<u64>,
    /// Whether a process lives that delivers it.
    pub is_held: bool,
    /// Bytes on disk.
    pub bytes: u64,
    /// Operations that wait for delivery: registrations, starts, ends.
    pub operations: u64,
    /// Spans of which the start or the end waits.
    pub spans: u64,
    /// Spans that were open when the process ended.
    pub open: u64,
    /// Runs of which something waits.
    pub runs: u64,
    /// When something last happened in one of them.
    pub last_at: Option<SystemTime>,
    /// Places that are damaged.
    pub damaged: u64,
    /// Versions of the format that are not read here.
    pub other_versions: Vec<u32>,
    /// Files that cannot be read.
    pub unreadable: u64,
}

impl SpoolSummary {
    /// Reads a directory.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let (mut journals, mut unreadable) = (Vec::new(), Vec::new());
        for path in directory::journals(root)? {
            match JournalSummary::read(path.clone()) {
                Ok(journal) => journals.push(journal),
                // It was delivered, and so deleted, meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => unreadable.push((path, error)),
            }
        }
        let set_aside = fs::read_dir(root.join(SET_ASIDE)).into_iter().flatten().flatten();
        let named = |entry: fs::DirEntry| {
            let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        };
        let mut set_aside: Vec<_> = set_aside.map(named).collect();
        set_aside.sort_unstable();
        Ok(Self { journals, unreadable, set_aside })
    }
}

impl JournalSummary {
    fn read(path: PathBuf) -> io::Result<Self> {
        // Releases the lock at once. A process that looks for journals meanwhile skips this one, and comes back.
        let is_held = matches!(Lock::try_take(&path), Ok(None));
        let contents = Contents::read(&path)?;
        let (mut spans, mut runs, mut operations) = (HashSet::new(), HashSet::new(), 0);
        contents.each_operation(&path, |operation, waits| {
            if waits {
                operations += 1;
                runs.insert(run_of(&operation));
                spans.extend(span_of(&operation));
            }
            Ok(())
        })?;
        let Contents { identity, index, books, gaps, others, unreadable, .. } = contents;
        for (run, left) in &index.runs {
            if left.register.is_some_and(|register| !index.is_settled(register)) {
                operations += 1;
                runs.insert(*run);
            }
        }
        let open = if is_held { 0 } else { end(&index, &mut runs, &mut spans) };
        let identity = identity.as_deref();
        let pid = identity.and_then(|json| serde_json::from_slice::<Value>(json).ok()?.get("pid")?.as_u64());
        let last_at = runs.iter().filter_map(|run| index.runs.get(run)?.last_at).max();
        Ok(Self {
            owner: identity.and_then(Owner::of_json),
            pid,
            is_held,
            bytes: books.iter().map(|book| book.bytes).sum(),
            operations,
            spans: spans.len() as u64,
            open,
            runs: runs.len() as u64,
            last_at: last_at.map(Timestamp::to_system_time),
            damaged: gaps,
            other_versions: others.into_iter().map(|(_, version)| version).collect(),
            unreadable: unreadable.len() as u64,
            path,
        })
    }

    /// The name of its agent, and the server that it reports to.
    #[must_use]
    pub fn agent_and_server(&self) -> Option<(&str, &str)> {
        self.owner.as_ref().map(|owner| (owner.agent.as_str(), owner.origin.as_str()))
    }

    /// Whether there is nothing in it for a server.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations == 0 && self.open == 0 && self.runs == 0
    }
}

/// Adds the operations that end with their process, and returns the number of their spans.
fn end(index: &Index, runs: &mut HashSet<u64>, spans: &mut HashSet<(u64, u64)>) -> u64 {
    let mut open = 0;
    for end in index.ends() {
        runs.insert(run_of(&end));
        if let Some(span) = span_of(&end) {
            spans.insert(span);
            open += 1;
        }
    }
    open
}

fn span_of(operation: &Operation) -> Option<(u64, u64)> {
    match operation {
        Operation::StartSpan(start) => Some(start.key.to_parts()),
        Operation::FinishSpan(finish) => Some(finish.key.to_parts()),
        _ => None,
    }
}
