//! Which traces are recorded: the decision is made once, for an agent instance and all that is in it.

use std::collections::HashMap;

use crate::platform::random;

/// Decides which runs and spans are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    /// The share of runs.
    pub(crate) runs: SampleRate,
    /// The shares of spans of single kinds, in the runs that are recorded.
    pub(crate) kinds: HashMap<String, SampleRate>,
    /// Whether spans that are left out are sent nevertheless where they fail.
    pub(crate) keeps_failures: bool,
}

impl Sampling {
    /// Decides on one span of a run that is recorded.
    pub(crate) fn takes(&self, schema_name: &str) -> bool {
        self.kinds.get(schema_name).is_none_or(|rate| rate.decide())
    }
}

/// The share of traces that are recorded, from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleRate(f64);

impl SampleRate {
    pub(crate) const ALL: Self = Self(1.0);

    /// `None` for a number that is not a share: NaN, less than 0, more than 1.
    pub(crate) fn new(rate: f64) -> Option<Self> {
        (0.0..=1.0).contains(&rate).then_some(Self(rate))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 <= 0.0
    }

    pub(crate) fn is_partial(self) -> bool {
        !self.is_zero() && self.0 < 1.0
    }

    /// Decides on one trace.
    pub(crate) fn decide(self) -> bool {
        self.takes(random::fraction())
    }

    /// Decides by a number in `0.0 ..= 1.0`. All and nothing do not depend on it.
    fn takes(self, draw: f64) -> bool {
        self.0 >= 1.0 || draw < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::SampleRate;

    /// How many of a thousand and one draws, evenly from 0 to 1, are taken.
    fn taken(rate: f64) -> usize {
        let rate = SampleRate::new(rate).unwrap();
        (0..=1_000).filter(|draw| rate.takes(f64::from(*draw) / 1_000.0)).count()
    }

    #[test]
    fn rate_is_the_share_of_draws_that_are_taken() {
        assert_eq!([0.0, 0.001, 0.25, 0.999, 1.0].map(taken), [0, 1, 250, 999, 1_001]);
    }

    #[test]
    fn sample_rate_outside_of_its_range_is_refused() {
        for rate in [-0.1, 1.000_001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(SampleRate::new(rate).is_none(), "{rate}");
        }
    }

    #[test]
    fn decisions_are_drawn_evenly() {
        let rate = SampleRate::new(0.25).unwrap();
        let taken = (0..40_000).filter(|_| rate.decide()).count();
        // One standard deviation is 87: twenty of them keep chance from failing the test.
        assert!(taken.abs_diff(10_000) < 20 * 87, "{taken} of 40,000");
    }
}
