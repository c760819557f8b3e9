//! Memory of request bodies, which is used again: new memory for each would be cleared by the system, page by page, which takes as
//! long as to encode the spans.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;

/// Bytes of memory that is kept: four bodies of small spans, as a rule.
const MAX_KEPT: usize = 4 << 20;
/// Bytes that the next body may be longer by.
const SPARE: usize = 1_024;

#[derive(Default)]
pub(super) struct Bodies {
    kept: Mutex<Vec<Vec<u8>>>,
    /// The length of the longest body so far.
    longest: AtomicUsize,
}

impl Bodies {
    /// Returns empty memory for the next body.
    pub(super) fn take(&self) -> Vec<u8> {
        let kept = self.kept.lock().ok().and_then(|mut kept| kept.pop());
        kept.unwrap_or_else(|| Vec::with_capacity(self.longest.load(Relaxed)))
    }

    /// Notes the length of a body, which the next ones will have.
    pub(super) fn note(&self, body: &Bytes) {
        self.longest.fetch_max(body.len() + SPARE, Relaxed);
    }

    /// Takes the memory of a body back, unless somebody still has it.
    pub(super) fn give_back(&self, body: Bytes) {
        let Ok(mut memory) = body.try_into_mut() else { return };
        memory.clear();
        let memory = Vec::from(memory);
        if let Ok(mut kept) = self.kept.lock() {
            let all: usize = kept.iter().map(Vec::capacity).sum();
            if all + memory.capacity() <= MAX_KEPT {
                kept.push(memory);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_if_nobody_has_it_and_it_is_not_too_much() {
        let bodies = Bodies::default();
        let body = |len: usize| {
            let mut memory = bodies.take();
            assert!(memory.is_empty());
            memory.resize(len, 7);
            (memory.as_ptr(), Bytes::from(memory))
        };
        let (first, sent) = body(10_000);
        bodies.give_back(sent.slice(100..));
        assert_eq!(sent[..], [7; 10_000], "it is still in use");
        let (second, other) = body(1_000);
        assert_ne!(first, second);
        drop(sent);
        bodies.give_back(other.slice(10..));
        drop(other);
        assert!(bodies.kept.lock().unwrap().is_empty(), "the other handle was there when it was given back");
        let (_, body_alone) = body(10_000);
        bodies.give_back(body_alone);
        assert_eq!(bodies.kept.lock().unwrap().len(), 1);
        let (again, body_again) = body(5_000);
        let slice = body_again.slice(22..);
        drop(body_again);
        bodies.give_back(slice);
        let (and_again, _) = body(9_000);
        assert_eq!(again, and_again);
        let (_, too_long) = body(MAX_KEPT + 1);
        bodies.give_back(too_long);
        assert!(bodies.kept.lock().unwrap().is_empty());
    }
}
