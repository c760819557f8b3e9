//! Delivers the contents of a spool without the agents that wrote it.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::builder::ClientBuilder;
use crate::client::handle::Client;
use crate::client::spool_owner::origin_of;
use crate::config::settings::Settings;
use crate::spool::owner::Owner;
use crate::spool::summary::{JournalSummary, SpoolSummary};
use crate::types::error::Error;
use crate::types::stats::Stats;

/// The time between two looks at the progress.
const LOOK: Duration = Duration::from_millis(20);
/// The time for the last answers after the end of progress.
const LAST: Duration = Duration::from_secs(2);

/// Settings of a delivery from the spool, to the server and with the token of the environment.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Whether journals that were written with another token are delivered too: it was renewed, and the account is the same.
    pub is_token_renewed: bool,
    /// The longest time without progress before the delivery is given up.
    pub idle_timeout: Duration,
}

/// The progress of a delivery, in spans.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Spans that are delivered, or will never be.
    pub done: u64,
    /// Spans that waited.
    pub all: u64,
}

/// The result of a delivery.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Spans that the server has accepted.
    pub delivered: u64,
    /// Spans that it never will, and why.
    pub dropped: Vec<(&'static str, u64)>,
    /// Spans of which it is not known.
    pub unknown: u64,
    /// Places that are damaged, and files that were set aside.
    pub damaged: u64,
    /// Journals that are still there although they belong to this server and this token.
    pub left: Vec<PathBuf>,
    /// Journals that cannot be read.
    pub unreadable: Vec<PathBuf>,
    /// Journals of other servers.
    pub of_other_servers: Vec<PathBuf>,
    /// Journals that were written with other tokens.
    pub of_other_tokens: Vec<PathBuf>,
    /// Journals of processes that live, and deliver them.
    pub held: Vec<PathBuf>,
}

impl Delivery {
    /// Delivers the waiting spans of a directory. A journal that a process holds is left to it.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read, or the environment names no token or a malformed address.
    pub fn run(self, root: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Outcome, Error> {
        let settings = Settings::default().with_environment(|name| std::env::var_os(name))?;
        if settings.is_disabled() {
            return Err(Error::configuration("PREFACTOR_DISABLED is set, so that nothing is sent: unset it"));
        }
        let (origin, token) = origin_of(&settings)?;
        let unreadable = |error| {
            Error::configuration(format!(
                "the directory cannot be read ({error}): name one that a client spools to"
            ))
        };
        let summary = SpoolSummary::read(root).map_err(unreadable)?;
        let unreadable = summary.unreadable.into_iter().map(|(path, _)| path).collect();
        let mut outcome = Outcome { unreadable, ..Outcome::default() };
        let mut groups: Vec<(Owner, Vec<JournalSummary>)> = Vec::new();
        for journal in summary.journals {
            let Some(owner) = journal.owner.clone() else {
                outcome.left.push(journal.path);
                continue;
            };
            if journal.is_held {
                outcome.held.push(journal.path);
            } else if owner.origin != origin {
                outcome.of_other_servers.push(journal.path);
            } else if owner.token != token && !self.is_token_renewed {
                outcome.of_other_tokens.push(journal.path);
            } else {
                match groups.iter_mut().find(|(other, _)| *other == owner) {
                    Some((_, journals)) => journals.push(journal),
                    None => groups.push((owner, vec![journal])),
                }
            }
        }
        let all = groups.iter().flat_map(|(_, journals)| journals).map(|journal| journal.spans).sum();
        let mut done = 0;
        for (owner, journals) in groups {
            let mut builder = ClientBuilder::new().prefactor().spool(root);
            builder.spool_owner = Some(owner);
            let client = builder.build()?;
            let mut show = |stats: &Stats| progress(Progress { done: (done + settled(stats)).min(all), all });
            let stats = self.deliver(&client, &journals, &mut show);
            done += settled(&stats);
            outcome.delivered += stats.acknowledged;
            outcome.unknown += stats.unknown;
            outcome.damaged += stats.spool_damaged;
            for (reason, count) in stats.drops() {
                match outcome.dropped.iter_mut().find(|(known, _)| *known == reason.as_str()) {
                    Some((_, known)) => *known += count,
                    None => outcome.dropped.push((reason.as_str(), count)),
                }
            }
            outcome
                .left
                .extend(journals.into_iter().map(|journal| journal.path).filter(|path| path.exists()));
        }
        Ok(outcome)
    }

    /// Waits until the journals are gone, or progress ends.
    fn deliver(self, client: &Client, journals: &[JournalSummary], show: &mut dyn FnMut(&Stats)) -> Stats {
        let (mut last, mut since) = (client.stats(), Instant::now());
        let is_left = || journals.iter().any(|journal| journal.path.exists());
        while is_left() && since.elapsed() < self.idle_timeout {
            thread::sleep(LOOK);
            let stats = client.stats();
            if (settled(&stats), stats.runs.finished) != (settled(&last), last.runs.finished) {
                since = Instant::now();
            }
            last = stats;
            show(&last);
        }
        client.shutdown(LAST).stats
    }
}

fn settled(stats: &Stats) -> u64 {
    stats.acknowledged + stats.dropped_total() + stats.unknown
}
