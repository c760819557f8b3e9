//! The worker's end of the queue: it takes what the callers have left on the lines, and gives it in one order.
//!
//! To wake a thread that sleeps costs a caller some forty microseconds, a hundred times what it does otherwise. So the worker looks
//! by itself for as long as something has come of late, and asks to be woken only when nothing has for a while.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout};

use crate::delivery::queue::sender::{Batch, LINES, Lines, Message, Queued};
use crate::delivery::queue::usage::Gauge;
use crate::payload::{MAX_SHARED, Payload};

/// Empty batches that are kept, to be filled again.
const MAX_SPARE: usize = 8;
/// Messages for which they keep room.
const MAX_MESSAGES: usize = 1_024;

/// How long it waits before it looks again: too short for one caller to fill a queue of the usual size.
const PAUSE: Duration = Duration::from_millis(2);
/// How long nothing must have come before it asks to be woken.
pub(crate) const QUIET: Duration = Duration::from_secs(1);

pub(crate) struct Inbox {
    lines: Arc<Lines>,
    /// What was taken off each line and not given yet, the oldest first.
    batches: [VecDeque<Taken>; LINES],
    /// The numbers before are given. Later ones stay: what they depend on may have come to another line since that one was
    /// looked at.
    until: u64,
    /// Given as a whole. Somebody may still refer to their payloads.
    used: VecDeque<Taken>,
    spare: Vec<Batch>,
    /// When something had come.
    last_news: Instant,
}

/// A batch, of which some may be given.
struct Taken {
    /// The next one is the last.
    queued: Vec<Queued>,
    tapes: Bytes,
    /// Bytes of them that are given.
    given: usize,
}

impl Inbox {
    pub(crate) fn new(lines: Arc<Lines>) -> Self {
        let until = lines.gauge().number();
        let batches = [const { VecDeque::new() }; LINES];
        let (used, spare) = (VecDeque::new(), Vec::new());
        Self { lines, batches, until, used, spare, last_news: Instant::now() }
    }

    pub(crate) fn gauge(&self) -> Arc<Gauge> {
        Arc::clone(self.lines.gauge())
    }

    /// Takes so many messages at most, and says how many these were.
    pub(crate) fn take(&mut self, max: usize, out: &mut VecDeque<Message>) -> usize {
        match self.give(max, out) {
            0 => {
                self.sweep();
                self.give(max, out)
            }
            count => count,
        }
    }

    /// Whether the last caller is gone. Something that it has left may still be there.
    pub(crate) fn is_orphaned(&self) -> bool {
        self.lines.is_orphaned.load(SeqCst)
    }

    /// Returns when there is something to take, or the last caller is gone.
    pub(crate) async fn wait(&mut self) {
        while !self.has_news() {
            if self.last_news.elapsed() < QUIET {
                // Cut short for what somebody waits for.
                let _ = timeout(PAUSE, self.lines.alarm.notified()).await;
                continue;
            }
            self.lines.is_asleep.store(true, SeqCst);
            if self.has_news() {
                self.lines.is_asleep.store(false, SeqCst);
                return;
            }
            self.lines.alarm.notified().await;
        }
    }

    #[cfg(test)]
    pub(crate) fn asks_to_be_woken(&self) -> bool {
        self.lines.is_asleep.load(SeqCst)
    }

    fn has_news(&self) -> bool {
        self.until != self.lines.gauge().number()
            || self.is_orphaned()
            || self.batches.iter().any(|batches| !batches.is_empty())
    }

    /// Refuses what comes from now on.
    pub(crate) fn close(&mut self) {
        for number in 0..LINES {
            self.lines.line(number).is_closed = true;
        }
    }

    /// Makes what is used up ready to be filled again.
    fn recycle(&mut self) {
        while let Some(Taken { mut queued, tapes, .. }) = self.used.pop_front() {
            let Ok(mut tapes) = tapes.try_into_mut() else { continue };
            if self.spare.len() < MAX_SPARE && tapes.capacity() <= 2 * MAX_SHARED {
                tapes.clear();
                queued.shrink_to(MAX_MESSAGES);
                self.spare.push(Batch { queued, tapes });
            }
        }
    }

    /// Takes everything off the lines.
    fn sweep(&mut self) {
        let until = self.lines.gauge().number();
        if until == self.until {
            return;
        }
        self.last_news = Instant::now();
        self.recycle();
        for number in 0..LINES {
            let mut line = self.lines.line(number);
            if line.batch.queued.is_empty() {
                continue;
            }
            let full = std::mem::take(&mut line.full);
            let last = std::mem::take(&mut line.batch);
            line.batch = self.spare.pop().unwrap_or_default();
            // As many as it needed since the last time.
            let wanted = self.spare.len().saturating_sub(full.len());
            line.spare.extend(self.spare.drain(wanted..));
            drop(line);
            for Batch { mut queued, tapes } in full.into_iter().chain([last]) {
                queued.reverse();
                self.batches[number].push_back(Taken { queued, tapes: tapes.freeze(), given: 0 });
            }
        }
        self.until = until;
    }

    /// Gives so many messages at most, and says how many these were.
    fn give(&mut self, max: usize, out: &mut VecDeque<Message>) -> usize {
        for count in 0..max {
            let Some(message) = self.next() else { return count };
            out.push_back(message);
        }
        max
    }

    fn next(&mut self) -> Option<Message> {
        let until = self.until;
        // How far before the end of what is given: the farthest is the oldest, also where the numbers begin anew.
        let age = |batches: &VecDeque<Taken>| {
            let number = batches.front()?.queued.last()?.number;
            i64::try_from(until.wrapping_sub(number)).ok().filter(|age| *age > 0)
        };
        let oldest =
            self.batches.iter().enumerate().filter_map(|(line, batches)| Some((age(batches)?, line)));
        let (_, line) = oldest.max()?;
        let batch = self.batches[line].front_mut()?;
        let Queued { tape, message, .. } = batch.queued.pop()?;
        let end = batch.given + tape;
        let tape = batch.tapes.slice(batch.given..end);
        batch.given = end;
        if batch.queued.is_empty() {
            self.used.extend(self.batches[line].pop_front());
        }
        if !matches!(message, Message::Operation(_)) {
            // Nothing that is settled later.
            self.lines.gauge().release(Payload::weight_of(0));
        }
        Some(message.with_payload(Payload::from_tape(tape)))
    }
}

impl Drop for Inbox {
    /// However the worker ends, callers hear of it.
    fn drop(&mut self) {
        self.close();
    }
}
