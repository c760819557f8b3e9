//! Names of members, as they were written last, with the secrecy of the values under them.
//!
//! A program has few names, and uses them in each call: looking for secrets in a name and looking up its meaning take several
//! times as long as to compare it.

use std::fmt;
use std::sync::Mutex;

use super::secrecy::Secrecy;

/// Names that are kept, each in the one place that its hash says.
const KEPT: usize = 1 << BITS;
const BITS: u32 = 8;
/// The longest name that is kept, in bytes.
const MAX_LEN: usize = 40;

/// The names of one set of rules. A copy begins without any: its rules may be others.
#[derive(Default)]
pub(crate) struct KnownNames(Mutex<Vec<Known>>);

#[derive(Clone, Default)]
struct Known {
    /// The name in quotes, and the colon.
    json: Vec<u8>,
    secrecy: Secrecy,
}

impl KnownNames {
    /// Writes a name in quotes and a colon, and gives its secrecy, if that was kept.
    pub(super) fn write(&self, out: &mut Vec<u8>, name: &str) -> Option<Secrecy> {
        let (place, all) = (place(name.as_bytes())?, self.0.try_lock().ok()?);
        let known = all.get(place).filter(|known| known.name() == name.as_bytes())?;
        out.extend_from_slice(&known.json);
        Some(known.secrecy)
    }

    /// Keeps a name, as it stands in JSON with a colon behind it. One that is hidden, cut or escaped is not kept.
    pub(super) fn keep(&self, name: &str, json: &[u8], secrecy: Secrecy) {
        let Some((place, mut all)) = place(name.as_bytes()).zip(self.0.try_lock().ok()) else { return };
        if all.is_empty() {
            all.resize(KEPT, Known::default());
        }
        if name_in(json) == name.as_bytes() {
            let known = &mut all[place];
            json.clone_into(&mut known.json);
            known.secrecy = secrecy;
        }
    }
}

impl Known {
    fn name(&self) -> &[u8] {
        name_in(&self.json)
    }
}

fn name_in(json: &[u8]) -> &[u8] {
    if let [b'"', name @ .., b'"', b':'] = json { name } else { &[] }
}

/// Where a name is kept, by its length, its beginning and its end.
fn place(name: &[u8]) -> Option<usize> {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    if name.is_empty() || name.len() > MAX_LEN {
        return None;
    }
    let number = match name.first_chunk().zip(name.last_chunk()) {
        Some((first, last)) => {
            u64::from(u32::from_le_bytes(*first)) << 24 ^ u64::from(u32::from_le_bytes(*last))
        }
        None => name.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    };
    let hash = (number ^ name.len() as u64).wrapping_mul(FACTOR);
    usize::try_from(hash >> (u64::BITS - BITS)).ok()
}

impl Clone for KnownNames {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for KnownNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KnownNames").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_comes_back_as_it_was_kept_whatever_came_between() {
        let known = KnownNames::default();
        let secrecies = [Secrecy::Open, Secrecy::Secret, Secrecy::Digits];
        for number in (0..3_000_usize).chain((0..3_000).rev()) {
            let name = format!("{}{number}", "n".repeat(number % (MAX_LEN + 3)));
            let (json, secrecy) = (format!("\"{name}\":"), secrecies[number % 3]);
            let mut out = b"{".to_vec();
            known.keep(&name, json.as_bytes(), secrecy);
            let written = known.write(&mut out, &name);
            let is_kept = name.len() <= MAX_LEN;
            assert_eq!(written, is_kept.then_some(secrecy), "{name}");
            assert_eq!(out, if is_kept { format!("{{{json}") } else { "{".to_owned() }.as_bytes());
        }
    }

    #[test]
    fn name_that_is_written_in_another_form_is_not_kept_nor_is_any_by_a_copy() {
        let known = KnownNames::default();
        for (name, json) in
            [("a\n", r#""a\n":"#), ("hidden", r#""[REDACTED]":"#), ("cut", r#""cu":"#), ("", r#""":"#)]
        {
            known.keep(name, json.as_bytes(), Secrecy::Open);
            assert_eq!(known.write(&mut Vec::new(), name), None, "{name}");
        }
        known.keep("plain", br#""plain":"#, Secrecy::Open);
        assert_eq!(known.write(&mut Vec::new(), "plain"), Some(Secrecy::Open));
        assert_eq!(known.clone().write(&mut Vec::new(), "plain"), None);
    }
}
