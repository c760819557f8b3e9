//! P6: the growth of a future with each level of annotated functions.

use std::path::Path;

use anyhow::Result;

use prefactor_benches::child;
use prefactor_benches::contenders::Contenders;
use prefactor_benches::own::{BOXED, PLAIN, PREFACTOR};
use prefactor_benches::table::Line;

const MUST: f64 = 56.0;

/// The bytes of a contender's futures.
struct Sizes {
    /// Chains of one to ten functions.
    chain: Vec<i32>,
    /// The function with an argument of 1 KiB.
    large: i32,
}

impl Sizes {
    fn of(binary: &Path, subject: &str) -> Result<Self> {
        let (chain, large) = child::sizes(binary, subject)?;
        let chain = chain.into_iter().map(i32::try_from).collect::<Result<_, _>>()?;
        Ok(Self { chain, large: i32::try_from(large)? })
    }

    /// Returns the growth of a chain over the plain one, for each level.
    fn added(&self, plain: &Self, levels: i32) -> f64 {
        let at = usize::try_from(levels).unwrap_or(1) - 1;
        f64::from(self.chain[at] - plain.chain[at]) / f64::from(levels)
    }

    /// Returns the largest growth by one level, which shows a growth that is not linear.
    fn steepest(&self, plain: &Self) -> f64 {
        let step = |chain: &[i32]| chain[1] - chain[0];
        let steps =
            self.chain.windows(2).zip(plain.chain.windows(2)).map(|(own, plain)| step(own) - step(plain));
        f64::from(steps.max().unwrap_or(0))
    }
}

pub(crate) fn lines(contenders: &Contenders) -> Result<Vec<Line>> {
    let plain = Sizes::of(&contenders.own, PLAIN.name)?;
    let own = Sizes::of(&contenders.own, PREFACTOR.name)?;
    let boxed = Sizes::of(&contenders.own, BOXED.name)?;
    let mut peers = Vec::new();
    for peer in &contenders.peers {
        peers.push((peer.title, Sizes::of(&peer.binary, peer.subject)?));
    }
    let line = |what: &str, measure: &dyn Fn(&Sizes) -> f64| {
        let line = Line::new("P6", what, measure(&own), MUST);
        peers.iter().fold(line, |line, (title, peer)| line.other(*title, measure(peer)))
    };
    Ok(vec![
        line("three levels, bytes added a level", &|sizes| sizes.added(&plain, 3)),
        line("ten levels, bytes added a level", &|sizes| sizes.added(&plain, 10)),
        line("the steepest of ten levels, bytes added", &|sizes| sizes.steepest(&plain)),
        // An async function stores an argument twice even without an attribute.
        line("an argument of 1 KiB, bytes added", &|sizes| f64::from(sizes.large - plain.large)),
        Line::new("P6", "boxed, ten levels, bytes added a level", boxed.added(&plain, 10), MUST),
    ])
}
