//! A span that waits for long, as one piece of bytes.
//!
//! While the server is out of reach, spans pile up whose start and finish are both known. Packed, each of them has one allocation
//! that is little longer than its payloads. Its entry and the two payloads apart take twice as much.

use std::borrow::Cow;

use bytes::Bytes;

use crate::delivery::instance::span::{PendingFinish, SpanEntry, State};
use crate::delivery::schedule::acks::AckToken;
use crate::operation::{InstanceKey, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::status::SpanStatus;

/// Names of the program that are told apart by a number. Spans of other names stay as they are.
const MAX_NAMES: usize = 1 << 10;

/// Bits of the first byte.
const IS_RECORDED: u8 = 1;
const HAS_PARENT: u8 = 2;
const HAS_OWN_NAME: u8 = 4;
const HAS_USAGE: u8 = 8;

/// The bytes of a span: see [`Packer::pack`].
#[derive(Debug)]
pub(super) struct Packed(Box<[u8]>);

/// Packs spans of one run, and unpacks them.
#[derive(Debug)]
pub(super) struct Packer {
    instance: InstanceKey,
    /// The names of spans that the program's code has, by their numbers.
    names: Vec<&'static str>,
    /// The buffer of the span that is being packed.
    scratch: Vec<u8>,
}

impl Packer {
    pub(super) fn new(instance: InstanceKey) -> Self {
        Self { instance, names: Vec::new(), scratch: Vec::new() }
    }

    /// The run.
    pub(super) fn instance(&self) -> InstanceKey {
        self.instance
    }

    /// Packs a span and clears its entry. `None`, with the entry as it was, if something is known of the span that most spans which
    /// wait do not have.
    pub(super) fn pack(&mut self, entry: &mut SpanEntry) -> Option<Packed> {
        if !is_plain(entry) || entry.start.instance != self.instance {
            return None;
        }
        let name = match &entry.start.schema_name {
            Cow::Borrowed(name) => self.number_of(name)?,
            Cow::Owned(name) => name.len() as u64,
        };
        let is_recorded = entry.is_recorded();
        let SpanEntry { start, token, finish, children, .. } = entry;
        let PendingFinish { finish, token: finish_token, .. } = finish.as_mut()?;
        let tokens = token.take().zip(finish_token.take())?;
        let flags = [
            (IS_RECORDED, is_recorded),
            (HAS_PARENT, start.parent.is_some()),
            (HAS_OWN_NAME, matches!(start.schema_name, Cow::Owned(_))),
            (HAS_USAGE, finish.has_usage),
        ];
        let out = &mut self.scratch;
        out.clear();
        out.push(flags.into_iter().filter(|(_, is_set)| *is_set).fold(0, |flags, (flag, _)| flags | flag));
        out.extend([start.status, finish.status].map(number_of_status));
        put(out, name);
        for number in [start.at, finish.at].into_iter().flat_map(Timestamp::to_parts) {
            put(out, number);
        }
        for number in [tokens.0, tokens.1].into_iter().flat_map(AckToken::into_parts) {
            put(out, number);
        }
        let (payload, result) = (start.payload.tape(), finish.result.tape());
        for len in [children.len(), payload.len(), result.len()] {
            put(out, len as u64);
        }
        for number in start.parent.iter().chain(&*children).flat_map(|key| <[u64; 2]>::from(key.to_parts())) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        if let Cow::Owned(name) = &start.schema_name {
            out.extend_from_slice(name.as_bytes());
        }
        out.extend_from_slice(payload);
        out.extend_from_slice(result);
        Some(Packed((&**out).into()))
    }

    /// The span as it was.
    pub(super) fn unpack(&self, key: SpanKey, packed: &Packed) -> SpanEntry {
        let instance = self.instance;
        let mut reader = Reader(&packed.0);
        let [flags, status, end] = [reader.byte(), reader.byte(), reader.byte()];
        let [status, end] = [status, end].map(status_of_number);
        let name = reader.number();
        let [at, ended_at] = std::array::from_fn(|_| Timestamp::of_parts(reader.numbers()));
        let [token, finish_token] = std::array::from_fn(|_| AckToken::of_parts(reader.numbers()));
        let [children, payload, result] = reader.numbers().map(|len| usize::try_from(len).unwrap_or(0));
        let parent = (flags & HAS_PARENT != 0).then(|| reader.key());
        let children = (0..children).map(|_| reader.key()).collect();
        let known = usize::try_from(name).unwrap_or(usize::MAX);
        let schema_name = if flags & HAS_OWN_NAME != 0 {
            Cow::Owned(String::from_utf8_lossy(reader.bytes(known)).into_owned())
        } else {
            Cow::Borrowed(self.names.get(known).copied().unwrap_or_default())
        };
        let payload = Payload::copy_of(reader.bytes(payload));
        let result = Payload::from_tape(Bytes::copy_from_slice(reader.bytes(result)));
        let start = SpanStart { instance, key, parent, schema_name, status, at, payload };
        let has_usage = flags & HAS_USAGE != 0;
        let is_by_reference = false;
        let finish =
            SpanFinish { instance, key, status: end, at: ended_at, result, has_usage, is_by_reference };
        let mut entry = SpanEntry::new(start, Some(token));
        entry.children = children;
        entry.finish = Some(PendingFinish::new(finish, Some(finish_token)));
        entry
    }

    fn number_of(&mut self, name: &'static str) -> Option<u64> {
        let known = self.names.iter().position(|known| std::ptr::eq(*known, name));
        let number = known.or_else(|| {
            let is_room = self.names.len() < MAX_NAMES;
            is_room.then(|| self.names.push(name)).map(|()| self.names.len() - 1)
        });
        number.map(|number| number as u64)
    }
}

impl Packed {
    /// As [`SpanEntry::is_recorded`].
    pub(super) fn is_recorded(&self) -> bool {
        self.0.first().is_some_and(|flags| flags & IS_RECORDED != 0)
    }
}

/// Whether a span waits with its finish, and nothing was said of it yet.
fn is_plain(entry: &SpanEntry) -> bool {
    let SpanEntry { start: _, state, create, token, finish, children: _, named_parent, leave_token, .. } =
        entry;
    let has_plain_finish = finish.as_ref().is_some_and(|finish| {
        let is_whole = finish.token.is_some() && !finish.finish.is_by_reference;
        is_whole && !finish.is_queued && !finish.stands_in_for_cancel && finish.attempt.is_untouched()
    });
    let is_new = *state == State::Waiting && create.is_untouched() && named_parent.is_none();
    let SpanEntry { has_server_id, has_no_payload, is_start_alone, is_left_open, is_held, is_notice, .. } =
        entry;
    let flags = [has_server_id, has_no_payload, is_start_alone, is_left_open, is_held, is_notice];
    is_new
        && has_plain_finish
        && token.is_some()
        && leave_token.is_none()
        && !flags.into_iter().any(|flag| *flag)
}

fn number_of_status(status: SpanStatus) -> u8 {
    match status {
        SpanStatus::Pending => 0,
        SpanStatus::Active => 1,
        SpanStatus::Complete => 2,
        SpanStatus::Failed => 3,
        SpanStatus::Cancelled => 4,
    }
}

fn status_of_number(number: u8) -> SpanStatus {
    match number {
        0 => SpanStatus::Pending,
        1 => SpanStatus::Active,
        2 => SpanStatus::Complete,
        3 => SpanStatus::Failed,
        _ => SpanStatus::Cancelled,
    }
}

/// Writes a number, seven bits a byte.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Reads what was packed. Beyond the end everything is zero.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f).wrapping_shl(shift);
            shift += 7;
            if byte & 0x80 == 0 {
                return number;
            }
        }
    }

    fn numbers<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| self.number())
    }

    fn key(&mut self) -> SpanKey {
        let [high, low] = std::array::from_fn(|_| {
            u64::from_le_bytes(self.bytes(size_of::<u64>()).try_into().unwrap_or_default())
        });
        SpanKey::from_parts(high, low)
    }

    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at_checked(len).unwrap_or_default();
        self.0 = rest;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::settings::QueueLimits;
    use crate::delivery::queue::usage::QueueUsage;
    use crate::delivery::schedule::acks::Acks;
    use crate::operation::stored::RecordId;

    const RUN: InstanceKey = InstanceKey(7);

    /// A span with all that a packed one can have.
    fn entry(acks: &mut Acks, key: SpanKey, name: Cow<'static, str>, is_long: bool) -> SpanEntry {
        let text = "a question".repeat(if is_long { 2_000 } else { 1 });
        let start = SpanStart {
            instance: RUN,
            key,
            parent: is_long.then(|| SpanKey::of_number(40)),
            schema_name: name,
            status: SpanStatus::Active,
            at: Timestamp::now(),
            payload: Payload::of_members(crate::payload::SideLimits::default(), |members| {
                members.insert("prompt", &text);
            }),
        };
        let record = is_long.then_some(RecordId { journal: 3, number: 1 << 40 });
        let mut entry = SpanEntry::new(start, Some(acks.open_queued(700, record)));
        let mut finish = SpanFinish::of_worker(RUN, key, SpanStatus::Failed, Timestamp::now());
        (finish.has_usage, finish.result) = (is_long, Payload::copy_of(entry.start.payload.tape()));
        entry.finish = Some(PendingFinish::new(finish, Some(acks.open_queued(1 << 30, record))));
        entry.children = (0..if is_long { 300 } else { 0 }).map(SpanKey::of_number).collect();
        entry
    }

    fn told(entry: &SpanEntry) -> String {
        let result = entry.finish.as_ref().map(|finish| finish.finish.result.tape());
        format!("{entry:?} {:?} {result:?}", entry.start.payload.tape())
    }

    #[test]
    fn unpacked_spans_are_as_they_were() {
        let limits = QueueLimits { operations: 100, bytes: 1 << 30 };
        let mut acks = Acks::new(Arc::new(QueueUsage::new(limits)));
        let mut packer = Packer::new(RUN);
        let names =
            [Cow::Borrowed("agent:run"), Cow::Borrowed("agent:tool"), Cow::Owned("by hand".to_owned())];
        for (number, name) in (1..).zip(names.into_iter().cycle().take(12)) {
            let key = SpanKey::of_number(number);
            let mut entry = entry(&mut acks, key, name, number > 6);
            let (before, is_recorded) = (told(&entry), entry.is_recorded());
            let waiting = packer.pack(&mut entry).unwrap();
            assert_eq!((waiting.is_recorded(), is_recorded), (number > 6, number > 6));
            let slack = waiting.0.len() - 2 * entry.start.payload.tape().len() - 16 * entry.children.len();
            assert!(slack < 100, "{slack} bytes around two payloads");
            assert_eq!(told(&packer.unpack(key, &waiting)), before);
        }
        assert_eq!(packer.names, ["agent:run", "agent:tool"]);
    }

    #[test]
    fn spans_that_were_sent_or_are_open_are_not_packed() {
        let limits = QueueLimits { operations: 100, bytes: 1 << 30 };
        let mut acks = Acks::new(Arc::new(QueueUsage::new(limits)));
        let mut packer = Packer::new(RUN);
        let changes: [fn(&mut SpanEntry); 6] = [
            |entry| entry.state = State::Accepted,
            |entry| entry.create.tries = 1,
            |entry| entry.finish = None,
            |entry| entry.is_held = true,
            |entry| entry.is_start_alone = true,
            |entry| entry.finish.as_mut().unwrap().is_queued = true,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut entry = entry(&mut acks, SpanKey::of_number(1), Cow::Borrowed("agent:run"), false);
            change(&mut entry);
            let before = told(&entry);
            assert!(packer.pack(&mut entry).is_none(), "{number}");
            assert_eq!(told(&entry), before);
        }
    }
}
