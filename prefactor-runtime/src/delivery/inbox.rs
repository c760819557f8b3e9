//! The worker's end of the queue: it takes what the callers have left on the lines, and gives it in one order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use bytes::{Bytes, BytesMut};

use super::queue::{Batch, Gauge, LINES, Lines, MAX_TAPES, Message, Queued};
use crate::payload::Payload;

/// Messages for which an empty batch keeps room.
const MAX_MESSAGES: usize = 1_024;
/// Batches whose room for payloads is used again, as soon as the payloads are gone.
const MAX_USED: usize = 8;

pub(super) struct Inbox {
    lines: Arc<Lines>,
    /// What was taken off each line and not given yet, the oldest first.
    batches: [VecDeque<Taken>; LINES],
    /// The numbers before are given. Later ones stay: what they depend on may have come to another line since that one was
    /// looked at.
    until: u64,
    /// Room for the next batches: fresh memory costs more than all else.
    room: Vec<Vec<Queued>>,
    used: VecDeque<Bytes>,
}

/// A batch, of which some may be given.
struct Taken {
    /// The next one is the last.
    queued: Vec<Queued>,
    tapes: Bytes,
}

impl Inbox {
    pub(super) fn new(lines: Arc<Lines>) -> Self {
        let until = lines.gauge().number();
        let batches = [const { VecDeque::new() }; LINES];
        Self { lines, batches, until, room: Vec::new(), used: VecDeque::new() }
    }

    pub(super) fn gauge(&self) -> Arc<Gauge> {
        Arc::clone(self.lines.gauge())
    }

    /// Takes so many messages at most, and says how many these were.
    pub(super) fn take(&mut self, max: usize, out: &mut VecDeque<Message>) -> usize {
        match self.give(max, out) {
            0 => {
                self.sweep();
                self.give(max, out)
            }
            count => count,
        }
    }

    /// Whether the last caller is gone. Something that it has left may still be there.
    pub(super) fn is_orphaned(&self) -> bool {
        self.lines.is_orphaned.load(SeqCst)
    }

    /// Returns when there is something to take, or the last caller is gone.
    pub(super) async fn wait(&self) {
        while !self.has_news() {
            self.lines.is_asleep.store(true, SeqCst);
            if self.has_news() {
                self.lines.is_asleep.store(false, SeqCst);
                return;
            }
            self.lines.alarm.notified().await;
        }
    }

    fn has_news(&self) -> bool {
        self.until != self.lines.gauge().number()
            || self.is_orphaned()
            || self.batches.iter().any(|batches| !batches.is_empty())
    }

    /// Refuses what comes from now on.
    pub(super) fn close(&mut self) {
        for number in 0..LINES {
            self.lines.line(number).is_closed = true;
        }
    }

    /// Takes everything off the lines.
    fn sweep(&mut self) {
        let until = self.lines.gauge().number();
        if until == self.until {
            return;
        }
        for (number, batches) in self.batches.iter_mut().enumerate() {
            let mut line = self.lines.line(number);
            if line.batch.queued.is_empty() && line.batches.is_empty() {
                continue;
            }
            let full = std::mem::take(&mut line.batches);
            let mut last = std::mem::take(&mut line.batch);
            line.batch.queued = self.room.pop().unwrap_or_default();
            line.batch.tapes = if last.tapes.is_empty() {
                std::mem::take(&mut last.tapes)
            } else {
                recycled(&mut self.used)
            };
            drop(line);
            for Batch { mut queued, tapes } in full.into_iter().chain([last]) {
                queued.reverse();
                let tapes = tapes.freeze();
                if (1..=MAX_TAPES).contains(&tapes.len()) && self.used.len() < MAX_USED {
                    self.used.push_back(tapes.clone());
                }
                if !queued.is_empty() {
                    batches.push_back(Taken { queued, tapes });
                }
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
        let Queued { tape, mut message, .. } = batch.queued.pop()?;
        let tape = batch.tapes.split_to(tape);
        if batch.queued.is_empty() {
            if let Some(Taken { mut queued, .. }) = self.batches[line].pop_front() {
                if self.room.len() < LINES {
                    queued.shrink_to(MAX_MESSAGES);
                    self.room.push(queued);
                }
            }
        }
        match &mut message {
            Message::Operation(operation) => operation.set_payload(Payload::from_tape(tape)),
            // Not an operation, and so nothing that is settled later.
            Message::Flush { .. } | Message::Shutdown { .. } => {
                self.lines.gauge().release(Payload::weight_of(0));
            }
        }
        Some(message)
    }
}

impl Drop for Inbox {
    /// However the worker ends, callers hear of it.
    fn drop(&mut self) {
        self.close();
    }
}

/// The memory of tapes of which nothing is left, or new.
fn recycled(used: &mut VecDeque<Bytes>) -> BytesMut {
    let Some(mut tapes) = used.pop_front().and_then(|tapes| tapes.try_into_mut().ok()) else {
        return BytesMut::new();
    };
    tapes.clear();
    tapes
}
