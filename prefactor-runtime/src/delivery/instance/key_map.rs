//! Facts about spans that are over.

use crate::operation::SpanKey;
use crate::platform::key_map::KeyMap;

/// Spans remembered after their end, refused ones and renamed ones each, to bound what they cost. The child of a
/// forgotten one names a parent that the API does not know, or none.
const MAX_REMEMBERED: usize = 4_096;

/// Remembers something of a span that is over.
pub(super) fn remember<T>(memory: &mut KeyMap<SpanKey, T>, key: SpanKey, value: T) {
    if memory.len() >= MAX_REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}
