//! The usage of a model call, as it is exported.

use serde::{Serialize, Serializer};

use crate::types::usage::Usage;

/// Usage under the names of the original.
pub(super) struct UsageMap<'a>(&'a Usage);

impl UsageMap<'_> {
    pub(super) fn of(usage: Option<&Usage>) -> Option<UsageMap<'_>> {
        usage.map(UsageMap)
    }
}

impl Serialize for UsageMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let usage = self.0;
        let counts = [
            ("input_tokens", usage.input_tokens),
            ("output_tokens", usage.output_tokens),
            ("total_tokens", usage.total()),
            ("cached_input_tokens", usage.cached_tokens),
        ];
        serializer.collect_map(counts.iter().filter_map(|(name, count)| Some((name, (*count)?))))
    }
}
