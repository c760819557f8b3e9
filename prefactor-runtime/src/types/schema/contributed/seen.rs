//! Names of spans that no schema describes.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The number of names that are kept: a program that makes names up must not make a version for each.
const MOST: usize = 200;

/// The names, in their order.
#[derive(Debug, Default)]
pub(in crate::types::schema) struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    pub(in crate::types::schema) fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < MOST && !name.trim().is_empty() && !names.contains(name) {
            names.insert(name.to_owned());
        }
    }

    pub(in crate::types::schema) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(in crate::types::schema) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_once_and_up_to_a_bound() {
        let seen = Seen::default();
        seen.add("b");
        seen.add("a");
        seen.add("b");
        seen.add(" ");
        assert_eq!(seen.names(), ["a", "b"]);
        (0..1_000).for_each(|number| seen.add(&number.to_string()));
        assert_eq!(seen.names().len(), MOST);
    }
}
