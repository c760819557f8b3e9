//! Random bytes for ids and jitter, straight from the operating system.
//!
//! A seeded generator would do for jitter but not for ids: two containers started from one image must not
//! draw the same sequence. One system call fills a page for a hundred ids, which costs less than a seeded
//! cryptographic generator would.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use crate::process;

const PAGE: usize = 1_000;

struct Page {
    bytes: [u8; PAGE],
    used: usize,
    /// The process that filled it: one that was forked off must not draw the rest of it too.
    generation: u32,
}

thread_local! {
    static PAGE_OF_THREAD: RefCell<Page> = const { RefCell::new(Page { bytes: [0; PAGE], used: PAGE, generation: 0 }) };
}

/// Ten fresh random bytes.
pub(crate) fn bytes() -> [u8; 10] {
    PAGE_OF_THREAD
        .try_with(|page| page.try_borrow_mut().ok().map(|mut page| page.next()))
        .ok()
        .flatten()
        .unwrap_or_else(|| {
            let mut bytes = [0; 10];
            fill(&mut bytes);
            bytes
        })
}

/// A number in `0.0 ..= 1.0`.
pub(crate) fn fraction() -> f64 {
    let [a, b, c, d, ..] = bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

impl Page {
    fn next(&mut self) -> [u8; 10] {
        let generation = process::generation();
        if self.used + 10 > PAGE || self.generation != generation {
            fill(&mut self.bytes);
            (self.used, self.generation) = (0, generation);
        }
        let mut taken = [0; 10];
        taken.copy_from_slice(&self.bytes[self.used..self.used + 10]);
        self.used += 10;
        taken
    }
}

fn fill(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // No entropy device (a broken sandbox): the standard library keyed its hashers some other way.
        for chunk in bytes.chunks_mut(8) {
            let number = RandomState::new().hash_one(std::thread::current().id()).to_be_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn draws_do_not_repeat_over_page_borders_and_threads() {
        let draw = || (0..500).map(|_| super::bytes()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw).join().unwrap();
        let distinct: HashSet<_> = draw().into_iter().chain(other).collect();
        assert_eq!(distinct.len(), 1_000);
    }
}
