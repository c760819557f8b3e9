//! How many items of each epoch are not settled. An epoch begins with each flush.

use std::collections::VecDeque;

/// Epochs with their counts, the oldest first. The first is never zero.
#[derive(Debug, Default)]
pub(super) struct Unsettled(VecDeque<(u64, usize)>);

impl Unsettled {
    /// Adds an item of that epoch, which is the newest.
    pub(super) fn add(&mut self, epoch: u64) {
        match self.0.back_mut() {
            Some((newest, count)) if *newest == epoch => *count += 1,
            _ => self.0.push_back((epoch, 1)),
        }
    }

    /// Removes an item of that epoch.
    pub(super) fn settle(&mut self, epoch: u64) {
        if let Some((_, count)) = self.0.iter_mut().find(|(theirs, _)| *theirs == epoch) {
            *count -= 1;
        }
        while self.0.front().is_some_and(|(_, count)| *count == 0) {
            self.0.pop_front();
        }
    }

    /// The oldest epoch of which an item is left.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.0.front().map(|(epoch, _)| *epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_epoch_is_the_first_of_which_an_item_is_left() {
        let mut unsettled = Unsettled::default();
        for epoch in [0, 0, 3, 4, 4] {
            unsettled.add(epoch);
        }
        for (settled, oldest) in [(0, Some(0)), (3, Some(0)), (4, Some(0)), (0, Some(4)), (4, None)] {
            unsettled.settle(settled);
            assert_eq!(unsettled.oldest(), oldest, "{settled}");
        }
        unsettled.add(4);
        assert_eq!(unsettled.oldest(), Some(4));
    }
}
