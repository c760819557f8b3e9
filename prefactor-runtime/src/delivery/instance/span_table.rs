//! The spans of a run that are open or not settled.

use crate::delivery::instance::packed::{Packed, Packer};
use crate::delivery::instance::span::SpanEntry;
use crate::delivery::schedule::acks::AckToken;
use crate::operation::{InstanceKey, SpanKey, SpanStart};
use crate::platform::key_map::KeyMap;
use crate::platform::peak::Peak;

/// Entries that are kept for other spans, about as many as a request settles.
const MAX_SPARE: usize = 512;

/// Spans by their keys. One that waits for long is packed until somebody wants to change it.
#[derive(Debug)]
pub(crate) struct SpanTable {
    slots: KeyMap<SpanKey, Slot>,
    packer: Packer,
    /// Entries of spans that are settled, for those that come: not more than there are spans.
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    spare: Vec<Box<SpanEntry>>,
    peak: Peak,
}

/// Of one size, and small: a map that grows moves all that is in it.
#[derive(Debug)]
enum Slot {
    Entry(Box<SpanEntry>),
    Packed(Packed),
}

impl SpanTable {
    pub(super) fn new(instance: InstanceKey) -> Self {
        let (slots, spare, peak) = (KeyMap::default(), Vec::new(), Peak::default());
        Self { slots, packer: Packer::new(instance), spare, peak }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn contains_key(&self, key: &SpanKey) -> bool {
        self.slots.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &SpanKey> {
        self.slots.keys()
    }

    /// Those that are not packed. A packed one has its finish, was not sent, and is not held.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&SpanKey, &SpanEntry)> {
        self.slots.iter().filter_map(|(key, slot)| match slot {
            Slot::Entry(entry) => Some((key, &**entry)),
            Slot::Packed(_) => None,
        })
    }

    /// A span that is not packed: one that was sent is not.
    #[inline]
    pub(super) fn get(&self, key: &SpanKey) -> Option<&SpanEntry> {
        match self.slots.get(key)? {
            Slot::Entry(entry) => Some(entry),
            Slot::Packed(_) => None,
        }
    }

    /// A span, which is not packed from here on.
    #[inline]
    pub(super) fn get_mut(&mut self, key: &SpanKey) -> Option<&mut SpanEntry> {
        let slot = self.slots.get_mut(key)?;
        if let Slot::Packed(packed) = slot {
            *slot = Slot::Entry(unpacked(&self.packer, *key, packed));
        }
        match slot {
            Slot::Entry(entry) => Some(entry),
            Slot::Packed(_) => None,
        }
    }

    /// An entry for a span: one that is there already, or a new one.
    pub(super) fn entry(&mut self, start: SpanStart, token: AckToken) -> Box<SpanEntry> {
        let Some(mut spare) = self.spare.pop() else { return Box::new(SpanEntry::new(start, Some(token))) };
        spare.renew(start, Some(token));
        spare
    }

    pub(super) fn insert(&mut self, key: SpanKey, entry: Box<SpanEntry>) {
        self.slots.insert(key, Slot::Entry(entry));
    }

    /// Packs a span, if there is no more to it than most have.
    pub(super) fn pack(&mut self, key: SpanKey) {
        let Some(slot) = self.slots.get_mut(&key) else { return };
        let Slot::Entry(entry) = slot else { return };
        if let Some(packed) = self.packer.pack(entry) {
            if let Slot::Entry(entry) = std::mem::replace(slot, Slot::Packed(packed)) {
                self.recycle(entry);
            }
        }
    }

    /// Takes a span out.
    pub(super) fn remove(&mut self, key: &SpanKey) -> Option<Box<SpanEntry>> {
        let slot = self.slots.remove(key);
        if let Some(room) = self.peak.shrunk(self.slots.len()) {
            self.slots.shrink_to(room);
        }
        slot.map(|slot| entry_of(&self.packer, *key, slot))
    }

    /// Takes all spans out, one after another.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Box<SpanEntry>> + use<> {
        let fresh = Packer::new(self.packer.instance());
        let packer = std::mem::replace(&mut self.packer, fresh);
        std::mem::take(&mut self.slots).into_iter().map(move |(key, slot)| entry_of(&packer, key, slot))
    }

    pub(super) fn unpack_all(&mut self) {
        for (key, slot) in &mut self.slots {
            if let Slot::Packed(packed) = slot {
                *slot = Slot::Entry(unpacked(&self.packer, *key, packed));
            }
        }
    }

    /// Whether all that is not settled of all spans is on disk.
    pub(super) fn are_recorded(&self) -> bool {
        self.slots.values().all(|slot| match slot {
            Slot::Entry(entry) => entry.is_recorded(),
            Slot::Packed(packed) => packed.is_recorded(),
        })
    }

    /// Keeps an entry that was taken out for another span, where more of them are likely to come.
    pub(super) fn recycle(&mut self, mut entry: Box<SpanEntry>) {
        let room = self.slots.len().min(MAX_SPARE);
        if self.spare.len() < room {
            entry.clear();
            self.spare.push(entry);
        } else {
            self.spare.truncate(room);
        }
    }
}

fn entry_of(packer: &Packer, key: SpanKey, slot: Slot) -> Box<SpanEntry> {
    match slot {
        Slot::Entry(entry) => entry,
        Slot::Packed(bytes) => unpacked(packer, key, &bytes),
    }
}

#[cold]
fn unpacked(packer: &Packer, key: SpanKey, bytes: &Packed) -> Box<SpanEntry> {
    Box::new(packer.unpack(key, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred thousand of them wait for a server that is down.
    #[test]
    fn place_of_a_span_that_waits_is_two_words() {
        assert_eq!(size_of::<Slot>(), 2 * size_of::<usize>());
    }
}
