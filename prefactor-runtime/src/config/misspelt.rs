//! Finds environment variables whose name is one typing error away from one of ours.

use crate::config::variable::ALL;

/// The names that are not read, each with the one that was probably meant.
pub(crate) fn misspelt(names: impl Iterator<Item = String>) -> Vec<(String, &'static str)> {
    let meant = |name: &str| ALL.into_iter().map(|(known, _)| known).find(|known| is_one_error(name, known));
    let is_known = |name: &str| ALL.iter().any(|(known, _)| *known == name);
    names.filter(|name| !is_known(name)).filter_map(|name| meant(&name).map(|known| (name, known))).collect()
}

/// Whether a character was added, left out or replaced, or two neighbours were swapped.
fn is_one_error(name: &str, known: &str) -> bool {
    let (name, known) = (name.as_bytes(), known.as_bytes());
    let same = name.iter().zip(known).take_while(|(one, other)| one == other).count();
    let (name, known) = (&name[same..], &known[same..]);
    let tail = name.iter().rev().zip(known.iter().rev()).take_while(|(one, other)| one == other).count();
    match (&name[..name.len() - tail], &known[..known.len() - tail]) {
        ([first, second], [other, another]) => first == another && second == other,
        (name, known) => name.len() <= 1 && known.len() <= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_with_one_typing_error_finds_the_variable_and_any_other_finds_none() {
        for (name, meant) in [
            ("PREFACTOR_EXPORTER", Some("PREFACTOR_EXPORTERS")),
            ("PREFACTOR_API_TOKN", Some("PREFACTOR_API_TOKEN")),
            ("PREFACTOR_APIS_URL", Some("PREFACTOR_API_URL")),
            ("PREFACTOR_API_TOEKN", Some("PREFACTOR_API_TOKEN")),
            ("PREFACTOR-FILE", Some("PREFACTOR_FILE")),
            ("prefactor_file", None),
            ("PREFACTOR_FILE", None),
            ("PREFACTOR_SAMPLE_RATE", None),
            ("PREFACTOR_PROFILE", None),
            ("PREFACTOR_LOG_LEVEL", None),
            ("PATH", None),
            ("", None),
        ] {
            let found = misspelt(std::iter::once(name.to_owned()));
            assert_eq!(found.first().map(|(_, meant)| *meant), meant, "{name}");
        }
    }
}
