//! Decides when a collection gives memory back. Otherwise it would keep the capacity of its largest burst for ever.

/// Elements for which room is always kept.
const KEPT: usize = 1_024;

/// The most elements that a collection had since it last gave room back.
///
/// A collection's own capacity does not tell: that of a hash map from which elements were removed counts neither them nor their
/// places.
#[derive(Debug, Default)]
pub(crate) struct Peak(usize);

impl Peak {
    /// To be asked after removals, with the elements that are left: for how many there is to be room from now on, if for fewer.
    pub(crate) fn shrunk(&mut self, left: usize) -> Option<usize> {
        self.0 = self.0.max(left);
        // Room for twice as many: the next shrinking comes after as many removals as this one moves elements.
        (self.0 > KEPT && left < self.0 / 8).then(|| {
            self.0 = left;
            (2 * left).max(KEPT)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back_in_steps_and_small_collections_keep_theirs() {
        let mut peak = Peak::default();
        let steps: Vec<_> = (0..100_000).rev().filter_map(|left| peak.shrunk(left)).collect();
        assert_eq!(steps, [24_996, 3_122, KEPT]);
        assert_eq!((0..1_000).rev().find_map(|left| peak.shrunk(left)), None);
    }
}
