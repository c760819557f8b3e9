//! The checks of what was delivered, dropped and counted.

use super::driver::Sim;

impl Sim {
    /// G1: what the ledger has, what was dropped, what is unknown and what is held add up to what was made.
    pub(crate) fn assert_conserved(&self) {
        let stats = self.stats();
        assert!(
            self.model.ended() >= stats.acknowledged
                && self.model.ended()
                    <= stats.acknowledged + stats.unknown + stats.outstanding + stats.dropped_total(),
            "the ledger has {}: {stats:?}",
            self.model.ended()
        );
        let settled = stats.acknowledged + stats.unknown + stats.dropped_total();
        assert_eq!(settled + stats.outstanding, stats.created, "{stats:?}");
        let (runs, finished) = (stats.runs, self.model.runs("finish"));
        let settled = runs.finished + runs.lost + runs.unknown;
        assert_eq!(settled + runs.outstanding, runs.created, "{runs:?}");
        let possible = runs.finished..=runs.finished + runs.unknown + runs.outstanding;
        assert!(possible.contains(&finished), "the ledger has {finished} finishes: {runs:?}");
        assert!(runs.registered <= self.model.runs("register"), "{runs:?}");
        assert!(runs.started <= self.model.runs("start"), "{runs:?}");
        let calls = stats.run_calls;
        let settled = calls.acknowledged + calls.lost + calls.unknown;
        assert_eq!(settled + calls.outstanding, calls.created, "{calls:?}");
    }

    /// Everything reached the ledger, and nothing is left behind.
    pub(crate) fn assert_delivered(&self) {
        let stats = self.stats();
        assert_eq!((self.model.ended(), stats.acknowledged), (stats.created, stats.created), "{stats:?}");
        self.assert_conserved();
        self.assert_settled();
    }

    pub(crate) fn assert_settled(&self) {
        assert_eq!(self.stats().outstanding, 0, "{:?}", self.stats());
        assert_eq!(self.usage.reading(), (0, 0), "the queue's usage");
    }
}
