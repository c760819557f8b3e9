//! The worker's end of the queue: it drains the shards and returns their messages in one order.
//!
//! The worker polls while messages come, because a wake-up costs a caller more than the rest of its call. It parks, and has
//! to be woken, only when none has come for a while.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::shards::{Batch, Message, Queued, SHARDS, Shards};
use super::usage::QueueUsage;
use crate::payload::{MAX_SHARED, Payload};

/// Empty batches that are kept for reuse, eight megabytes of them: fresh memory costs a caller more than everything else.
const MAX_SPARE: usize = 64;
/// Those that are kept while no messages come, here and in each shard.
#[cfg(not(all(test, prefactor_loom)))]
const MAX_IDLE: usize = 1;
/// Messages for which they keep room.
const MAX_MESSAGES: usize = 1_024;

/// The pause between two looks while messages come: too short for one caller to fill a queue of the default size.
const POLL_INTERVAL: Duration = Duration::from_millis(2);
/// The pause grows to this where none has come for a while. Whoever fills a batch meanwhile wakes the worker.
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(64);
/// How long no message must have come before the worker parks.
pub(crate) const IDLE_AFTER: Duration = Duration::from_millis(100);

pub(crate) struct Receiver {
    shards: Arc<Shards>,
    /// Batches that were drained from each shard and not returned yet, the oldest first.
    batches: [VecDeque<ReceivedBatch>; SHARDS],
    /// Messages with lower numbers may be returned. Later ones stay: what they depend on may have come to another shard
    /// after that one was drained.
    until: u64,
    /// Returned as a whole. Somebody may still refer to their payloads.
    used: VecDeque<ReceivedBatch>,
    spare: Vec<Batch>,
    /// An empty list, for the shard whose list of full batches is taken next. Lists go round, since a small piece of memory that
    /// a caller allocates and the worker frees stays in the worker's cache, and keeps all below it from the system.
    list: Vec<Batch>,
    /// When messages last came.
    last_news: Instant,
    longest_pause: Duration,
}

/// A batch of which some messages may have been returned.
struct ReceivedBatch {
    /// Read from the front. To turn it round would write what the callers write next, from another core.
    queued: VecDeque<Queued>,
    tapes: Bytes,
    /// Bytes of the tapes that were returned.
    returned: usize,
    /// Whether most of the memory is tapes: these are returned as they lie there, others as copies, which do not keep the rest.
    is_dense: bool,
}

impl Receiver {
    pub(super) fn new(shards: Arc<Shards>) -> Self {
        let until = shards.usage.number();
        let batches = [const { VecDeque::new() }; SHARDS];
        let (used, spare, list) = (VecDeque::new(), Vec::new(), Vec::new());
        let (last_news, longest_pause) = (Instant::now(), MAX_POLL_INTERVAL);
        Self { shards, batches, until, used, spare, list, last_news, longest_pause }
    }

    pub(crate) fn usage(&self) -> Arc<QueueUsage> {
        Arc::clone(&self.shards.usage)
    }

    /// Looks at the queue as often as it ever does until it parks: what is written to disk is to be there soon.
    pub(crate) fn keep_pauses_short(&mut self) {
        self.longest_pause = POLL_INTERVAL;
    }

    /// Appends at most `max` messages to `out`, and returns how many.
    pub(crate) fn recv_many(&mut self, max: usize, out: &mut VecDeque<Message>) -> usize {
        match self.pop_many(max, out) {
            0 => {
                self.drain_shards();
                self.pop_many(max, out)
            }
            count => count,
        }
    }

    /// Whether the last caller is gone. Messages that it has left may still be there.
    pub(crate) fn is_orphaned(&self) -> bool {
        self.shards.is_orphaned.load(SeqCst)
    }

    /// Returns when there is a message, or the last caller is gone.
    pub(crate) async fn wait(&mut self) {
        while !self.has_news() {
            #[cfg(not(all(test, prefactor_loom)))]
            if let Some(pause) = pause_after(self.last_news.elapsed(), self.longest_pause) {
                self.shards.is_resting.store(pause > POLL_INTERVAL, SeqCst);
                let _ = tokio::time::timeout(pause, self.shards.wake.notified()).await;
                self.shards.is_resting.store(false, SeqCst);
                continue;
            }
            #[cfg(not(all(test, prefactor_loom)))]
            self.free_spare();
            self.shards.is_parked.store(true, SeqCst);
            if self.has_news() {
                self.shards.is_parked.store(false, SeqCst);
                return;
            }
            self.shards.wake.notified().await;
        }
    }

    #[cfg(test)]
    pub(crate) fn is_parked(&self) -> bool {
        self.shards.is_parked.load(SeqCst)
    }

    /// Bytes of tapes for which empty batches have room.
    #[cfg(test)]
    pub(crate) fn room_kept(&self) -> usize {
        let of_shard = |number| {
            let shard = self.shards.lock(number);
            shard.spare.iter().chain([&shard.batch]).map(|batch| batch.tapes.capacity()).sum::<usize>()
        };
        let spare = self.spare.iter().map(|batch| batch.tapes.capacity()).sum::<usize>();
        spare + (0..SHARDS).map(of_shard).sum::<usize>()
    }

    fn has_news(&self) -> bool {
        self.until != self.shards.usage.number()
            || self.is_orphaned()
            || self.batches.iter().any(|batches| !batches.is_empty())
    }

    /// Refuses messages from now on.
    pub(crate) fn close(&mut self) {
        for number in 0..SHARDS {
            self.shards.lock(number).is_closed = true;
        }
    }

    /// Lets go of memory that is not needed for a while. No part of the model, whose threads meet elsewhere.
    ///
    /// After a burst it frees every empty batch, those that are appended to as well: an allocator returns to the system what lies
    /// above the last piece in use, so that one batch that stays may keep all of them.
    #[cfg(not(all(test, prefactor_loom)))]
    fn free_spare(&mut self) {
        self.recycle();
        let spare: usize = (0..SHARDS).map(|number| self.shards.lock(number).spare.len()).sum();
        let is_after_burst = self.spare.len() + spare > SHARDS;
        let max = if is_after_burst { 0 } else { MAX_IDLE };
        self.spare.truncate(max);
        self.list = Vec::new();
        for number in 0..SHARDS {
            let mut shard = self.shards.lock(number);
            let kept = max.min(shard.spare.len());
            let mut freed = shard.spare.split_off(kept);
            let mut list = Vec::new();
            if is_after_burst && shard.batch.queued.is_empty() {
                freed.push(std::mem::take(&mut shard.batch));
                std::mem::swap(&mut shard.full, &mut list);
            }
            // Freed outside of the lock.
            drop(shard);
            drop((freed, list));
        }
    }

    /// Makes batches that are used up ready to be filled again.
    fn recycle(&mut self) {
        while let Some(ReceivedBatch { mut queued, tapes, .. }) = self.used.pop_front() {
            let Ok(mut tapes) = tapes.try_into_mut() else { continue };
            if self.spare.len() < MAX_SPARE && tapes.capacity() <= 2 * MAX_SHARED {
                tapes.clear();
                queued.clear();
                queued.shrink_to(MAX_MESSAGES);
                self.spare.push(Batch { queued: queued.into(), tapes });
            }
        }
    }

    /// Takes everything out of the shards.
    fn drain_shards(&mut self) {
        let until = self.shards.usage.number();
        if until == self.until {
            return;
        }
        self.last_news = Instant::now();
        self.recycle();
        let mut not_added = 0_u64;
        for number in 0..SHARDS {
            let mut shard = self.shards.lock(number);
            if shard.batch.queued.is_empty() {
                continue;
            }
            not_added = not_added.wrapping_add(std::mem::take(&mut shard.not_added));
            if !shard.full.is_empty() {
                std::mem::swap(&mut shard.full, &mut self.list);
            }
            let last = std::mem::take(&mut shard.batch);
            shard.batch = self.spare.pop().unwrap_or_default();
            let wanted = self.spare.len().saturating_sub(self.list.len());
            shard.spare.extend(self.spare.drain(wanted..));
            drop(shard);
            for Batch { queued, tapes } in self.list.drain(..).chain([last]) {
                let is_dense = tapes.len() >= tapes.capacity() / 4 * 3;
                let (queued, tapes) = (queued.into(), tapes.freeze());
                self.batches[number].push_back(ReceivedBatch { queued, tapes, returned: 0, is_dense });
            }
        }
        self.until = until;
        if not_added > 0 && self.shards.usage.add_all(not_added) == until {
            // No message has come meanwhile.
            self.until = until.wrapping_add(not_added);
        }
    }

    fn pop_many(&mut self, max: usize, out: &mut VecDeque<Message>) -> usize {
        let mut count = 0;
        while count < max {
            let Some((shard, others)) = self.oldest() else { break };
            while let Some(message) = (count < max).then(|| self.pop(shard, others)).flatten() {
                out.push_back(message);
                count += 1;
            }
        }
        count
    }

    /// The shard with the oldest message, and the age of the oldest one in the others.
    fn oldest(&self) -> Option<(usize, i64)> {
        let mut oldest = None;
        let mut others = 0;
        for (shard, batches) in self.batches.iter().enumerate() {
            let message = batches.front().and_then(|batch| batch.queued.front());
            let Some(age) = message.and_then(|message| age(message, self.until)) else { continue };
            match oldest {
                Some((_, oldest)) if age < oldest => others = others.max(age),
                before => {
                    others = before.map_or(others, |(_, age)| age);
                    oldest = Some((shard, age));
                }
            }
        }
        oldest.map(|(shard, _)| (shard, others))
    }

    /// The next message of a shard, if it is older than that.
    fn pop(&mut self, shard: usize, others: i64) -> Option<Message> {
        let batch = self.batches[shard].front_mut()?;
        age(batch.queued.front()?, self.until).filter(|age| *age > others)?;
        let Queued { tape, message, .. } = batch.queued.pop_front()?;
        let end = batch.returned + tape;
        let place = batch.returned..end;
        let tape = if batch.is_dense || tape == 0 {
            batch.tapes.slice(place)
        } else {
            Bytes::copy_from_slice(batch.tapes.get(place).unwrap_or_default())
        };
        batch.returned = end;
        if batch.queued.is_empty() {
            self.used.extend(self.batches[shard].pop_front());
        }
        if !matches!(message, Message::Operation(_)) {
            self.shards.usage.release(Payload::weight_of(0));
        }
        Some(message.with_payload(Payload::from_tape(tape)))
    }
}

/// The pause before the next look when nothing has come for so long. `None` when that is long enough to park.
#[cfg(not(all(test, prefactor_loom)))]
fn pause_after(idle: Duration, longest: Duration) -> Option<Duration> {
    (idle < IDLE_AFTER).then(|| idle.clamp(POLL_INTERVAL, longest))
}

/// The distance from a message to that number, if it comes before. The largest is the oldest, also when the numbers wrap around.
fn age(queued: &Queued, until: u64) -> Option<i64> {
    i64::try_from(until.wrapping_sub(queued.number)).ok().filter(|age| *age > 0)
}

impl Drop for Receiver {
    /// However the worker ends, callers are told that it has.
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(all(test, not(prefactor_loom)))]
mod tests {
    use super::*;

    fn pauses(longest: Duration) -> Vec<Duration> {
        let mut idle = Duration::ZERO;
        std::iter::from_fn(|| pause_after(idle, longest).inspect(|pause| idle += *pause)).collect()
    }

    #[test]
    fn pauses_grow_while_nothing_comes_unless_they_are_to_stay_short() {
        assert_eq!(pauses(POLL_INTERVAL), vec![POLL_INTERVAL; 50]);
        let growing = pauses(MAX_POLL_INTERVAL);
        assert!(growing.is_sorted() && growing.len() <= 8, "{growing:?}");
        assert_eq!((growing[0], growing.last()), (POLL_INTERVAL, Some(&MAX_POLL_INTERVAL)));
    }
}
