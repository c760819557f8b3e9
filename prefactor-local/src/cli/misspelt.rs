//! Finds the word that the user probably meant.

/// The candidate with the fewest edits, if at most a third of the characters differ.
pub(super) fn meant<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = word.chars().count().div_ceil(3);
    let edits = candidates.map(|candidate| (edits(word, candidate), candidate));
    edits.filter(|(edits, _)| *edits <= allowed).min_by_key(|(edits, _)| *edits).map(|(_, word)| word)
}

/// Returns the Levenshtein distance. One row of its table is in memory.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slip_finds_the_word_and_another_word_finds_none() {
        let words = ["runs", "show", "terminate"];
        for (word, expected) in [
            ("rusn", Some("runs")),
            ("run", Some("runs")),
            ("terminat", Some("terminate")),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(meant(word, words.into_iter()), expected, "{word}");
        }
    }
}
