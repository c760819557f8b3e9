//! Random bytes for ids and jitter: a generator a thread, seeded by the operating system.
//!
//! Two containers that go on from one image must not draw the same ids for long, so a seed serves for a thousand. Drawn from the
//! system one by one, ids would cost more than the capture of a span.

use std::cell::Cell;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Read as _;
use std::time::SystemTime;

use crate::platform::fork;

/// Draws from one seed.
const DRAWS: u32 = 1_000;

/// Cells, and nothing to drop: a thread's first draw registers no destructor, and no draw looks whether another is under way.
struct Source {
    generator: Cell<Generator>,
    left: Cell<u32>,
    /// The process that seeded it: one that was forked off must not draw the same.
    generation: Cell<u32>,
}

thread_local! {
    static SOURCE: Source = const {
        Source { generator: Cell::new(Generator(0)), left: Cell::new(0), generation: Cell::new(0) }
    };
}

/// Eighty fresh random bits, and more in the first number.
#[inline]
pub(crate) fn bits() -> (u64, u64) {
    SOURCE.with(Source::draw)
}

impl Source {
    #[inline]
    fn draw(&self) -> (u64, u64) {
        let generation = fork::generation();
        if self.left.get() == 0 || self.generation.get() != generation {
            self.seed(generation);
        }
        self.left.set(self.left.get() - 1);
        let mut generator = self.generator.get();
        let drawn = (generator.next(), generator.next());
        self.generator.set(generator);
        drawn
    }

    #[cold]
    fn seed(&self, generation: u32) {
        self.generator.set(Generator(seed()));
        self.left.set(DRAWS);
        self.generation.set(generation);
    }
}

/// A number in `0.0 ..= 1.0`.
pub(crate) fn fraction() -> f64 {
    f64::from((bits().0 >> 32) as u32) / f64::from(u32::MAX)
}

/// Sixty-four bits of the system's, or of what tells this moment of this thread from any other.
#[cold]
fn seed() -> u64 {
    let mut seed = [0; 8];
    match File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut seed)) {
        Ok(()) => u64::from_le_bytes(seed),
        Err(_) => {
            let moment = (std::process::id(), std::thread::current().id(), SystemTime::now());
            RandomState::new().hash_one(moment)
        }
    }
}

/// `SplitMix64`: a counter whose steps are mixed until no pattern is left. A crate for it would be more to build than it is to read.
#[derive(Clone, Copy)]
struct Generator(u64);

impl Generator {
    #[inline]
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn generator_gives_the_published_numbers() {
        let mut generator = super::Generator(1_234_567);
        let numbers: [u64; 3] = std::array::from_fn(|_| generator.next());
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn draws_do_not_repeat_over_seeds_and_threads() {
        let draw = || (0..5_000).map(|_| super::bits()).collect::<Vec<_>>();
        let other = std::thread::spawn(draw).join().unwrap();
        let distinct: HashSet<_> = draw().into_iter().chain(other).collect();
        assert_eq!(distinct.len(), 10_000);
    }
}
