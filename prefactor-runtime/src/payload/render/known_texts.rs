//! Texts that hold no secret, as they were written last.
//!
//! The same texts come again and again: a question goes through several functions, and a conversation stands whole in each call of
//! a model. The search for secrets and escaping are most of a text's cost; a comparison takes a tenth of that. The whole
//! text is compared, so nothing is taken for another.

use std::fmt;
use std::sync::Mutex;

/// Texts that are kept, each in the one place that its hash says.
const KEPT: usize = 1 << BITS;
const BITS: u32 = 7;
/// Bytes of texts that are kept: of shorter ones a look costs as much as it saves.
const LENGTHS: std::ops::RangeInclusive<usize> = 48..=4 << 10;

/// The texts of one set of rules. A copy begins without any: its rules may be others.
#[derive(Default)]
pub(crate) struct KnownTexts(Mutex<Vec<Known>>);

#[derive(Clone, Default)]
struct Known {
    text: String,
    json: Vec<u8>,
}

impl KnownTexts {
    /// Writes a text as it was written before, or else by `write`, which says whether it is the same for whoever asks.
    pub(crate) fn write(&self, out: &mut Vec<u8>, text: &str, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let known = place(text.as_bytes()).zip(self.0.try_lock().ok());
        let Some((place, mut all)) = known else {
            write(out);
            return;
        };
        if all.is_empty() {
            all.resize(KEPT, Known::default());
        }
        let known = &mut all[place];
        if known.text == text {
            return out.extend_from_slice(&known.json);
        }
        let start = out.len();
        if write(out) {
            known.text.clear();
            known.text.push_str(text);
            known.json.clear();
            known.json.extend_from_slice(&out[start..]);
        }
    }
}

impl KnownTexts {
    /// Writes a text, given as its bytes, if it was written before. Nobody has to look then whether it is UTF-8.
    pub(crate) fn write_known(&self, out: &mut Vec<u8>, text: &[u8]) -> bool {
        let known = place(text).zip(self.0.try_lock().ok());
        let known = known.as_ref().and_then(|(place, all)| all.get(*place));
        let known = known.filter(|known| known.text.as_bytes() == text);
        known.inspect(|known| out.extend_from_slice(&known.json)).is_some()
    }
}

/// Where a text is kept, by its length and by bytes from its beginning, its middle and its end.
fn place(bytes: &[u8]) -> Option<usize> {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    if !LENGTHS.contains(&bytes.len()) {
        return None;
    }
    let middle = bytes.get(bytes.len() / 2..)?.first_chunk()?;
    let samples = [*bytes.first_chunk()?, *middle, *bytes.last_chunk()?].map(u64::from_le_bytes);
    let hash = samples
        .iter()
        .fold(bytes.len() as u64, |hash, sample| (hash.rotate_left(5) ^ sample).wrapping_mul(FACTOR));
    usize::try_from(hash >> (u64::BITS - BITS)).ok()
}

impl Clone for KnownTexts {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for KnownTexts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KnownTexts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(known: &KnownTexts, text: &str, is_same: bool) -> (String, bool) {
        let (mut out, mut was_asked) = (b"before".to_vec(), false);
        let mut shortly = Vec::new();
        let is_known = known.write_known(&mut shortly, text.as_bytes());
        known.write(&mut out, text, |out| {
            was_asked = true;
            out.extend_from_slice(text.to_uppercase().as_bytes());
            is_same
        });
        let written = String::from_utf8(out).unwrap().split_off("before".len());
        assert_eq!(is_known, !was_asked);
        assert_eq!(String::from_utf8(shortly).unwrap(), if is_known { &*written } else { "" });
        (written, was_asked)
    }

    #[test]
    fn text_comes_back_as_it_was_written_whatever_came_between() {
        let known = KnownTexts::default();
        let text = |number: usize| format!("{number:04} {}", "of many words ".repeat(number % 400));
        for number in (0..3_000).chain((0..3_000).rev()) {
            for _ in 0..2 {
                let text = text(number);
                assert_eq!(written(&known, &text, true).0, text.to_uppercase());
            }
        }
    }

    #[test]
    fn only_what_is_the_same_for_all_is_kept_and_not_by_a_copy() {
        let (known, text) = (KnownTexts::default(), "a".repeat(100));
        assert!(written(&known, &text, false).1);
        assert!(written(&known, &text, true).1, "it was not the same for all");
        assert!(!written(&known, &text, true).1);
        assert!(written(&known.clone(), &text, true).1);
        for length in [0, *LENGTHS.start() - 1, *LENGTHS.end() + 1] {
            let text = "a".repeat(length);
            assert!((0..2).all(|_| written(&known, &text, true).1), "{length}");
        }
    }
}
