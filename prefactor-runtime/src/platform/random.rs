//! Random bytes for ids and jitter: a generator a thread, seeded by the operating system.
//!
//! Two containers that go on from one image must not draw the same ids for long, so a seed serves for a thousand. Drawn from the
//! system one by one, ids would cost more than what is captured.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use fastrand::Rng;

use crate::platform::fork;

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

/// Eighty fresh random bits, and more in the first number.
#[inline]
pub(crate) fn bits() -> (u64, u64) {
    let drawn = SOURCE.try_with(|source| Some(draw(&mut *source.try_borrow_mut().ok()?)));
    drawn.ok().flatten().unwrap_or_else(|| draw(&mut None))
}

fn draw(source: &mut Option<Source>) -> (u64, u64) {
    let generation = fork::generation();
    let source = match source {
        Some(source) if source.left > 0 && source.generation == generation => source,
        source => source.insert(Source { generator: Rng::with_seed(seed()), left: DRAWS, generation }),
    };
    source.left -= 1;
    (source.generator.u64(..), source.generator.u64(..))
}

/// A number in `0.0 ..= 1.0`.
pub(crate) fn fraction() -> f64 {
    f64::from((bits().0 >> 32) as u32) / f64::from(u32::MAX)
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
        let draw = || (0..5_000).map(|_| super::bits()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw).join().unwrap();
        let distinct: HashSet<_> = draw().into_iter().chain(other).collect();
        assert_eq!(distinct.len(), 10_000);
    }
}
