//! Names that the program has allowed.

/// Names whose values the built-in rules leave alone, without regard to case and to `_` and `-`.
#[derive(Clone, Default)]
pub(super) struct AllowedNames(pub(super) Vec<String>);

impl AllowedNames {
    pub(super) fn add(&mut self, name: String) {
        self.0.push(name);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.0.is_empty() && self.0.iter().any(|allowed| letters(allowed).eq(letters(name)))
    }
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase)
}
