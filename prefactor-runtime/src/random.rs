//! Random bytes for ids and jitter: a generator a thread, seeded by the operating system.
//!
//! Two containers that go on from one image must not draw the same ids for long, so a seed serves for a thousand. Drawn from the
//! system one by one, ids would cost more than what is captured.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use fastrand::Rng;

use crate::process;

/// Draws from one seed.
const DRAWS: u32 = 1_000;

struct Source {
    generator: Rng,
    left: u32,
    /// The process that seeded it: one that was forked off must not draw the same.
    generation: u32,
}

thread_local! {
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Ten fresh random bytes.
pub(crate) fn bytes() -> [u8; 10] {
    SOURCE
        .try_with(|source| source.try_borrow_mut().ok().map(|mut source| draw(&mut source)))
        .ok()
        .flatten()
        .unwrap_or_else(|| draw(&mut None))
}

fn draw(source: &mut Option<Source>) -> [u8; 10] {
    let generation = process::generation();
    let source = match source {
        Some(source) if source.left > 0 && source.generation == generation => source,
        source => source.insert(Source { generator: Rng::with_seed(seed()), left: DRAWS, generation }),
    };
    source.left -= 1;
    let mut bytes = [0; 10];
    source.generator.fill(&mut bytes);
    bytes
}

/// A number in `0.0 ..= 1.0`.
pub(crate) fn fraction() -> f64 {
    let [a, b, c, d, ..] = bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

#[cold]
fn seed() -> u64 {
    let mut seed = [0; 8];
    match getrandom::fill(&mut seed) {
        Ok(()) => u64::from_le_bytes(seed),
        // No entropy device (a broken sandbox): the standard library keyed its hashers some other way.
        Err(_) => RandomState::new().hash_one(std::thread::current().id()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn draws_do_not_repeat_over_seeds_and_threads() {
        let draw = || (0..5_000).map(|_| super::bytes()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw).join().unwrap();
        let distinct: HashSet<_> = draw().into_iter().chain(other).collect();
        assert_eq!(distinct.len(), 10_000);
    }
}
