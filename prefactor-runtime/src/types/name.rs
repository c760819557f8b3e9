//! Names that the platform is told: of agents, of runs and of kinds of spans.
//!
//! They are cleaned and bounded as payloads are, for they come from variables, arguments and user input too: a database refuses
//! NUL, and a list is no place for a page of text.

use std::borrow::Cow;

/// Characters of a name, a version or an identifier.
pub(crate) const MAX_NAME: usize = 256;

/// Characters of a description.
pub(crate) const MAX_DESCRIPTION: usize = 512;

/// The end of a name that was cut.
const CUT: char = '…';

/// The name as the platform is told it: at most so many characters, without control characters. `None` where it is so already.
pub(crate) fn cleaned(name: &str, max_characters: usize) -> Option<String> {
    if name.len() <= max_characters && name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let is_short = name.len() <= max_characters || name.chars().nth(max_characters).is_none();
    if is_short && !name.chars().any(char::is_control) {
        return None;
    }
    let kept = if is_short { max_characters } else { max_characters - 1 };
    let clean = |character: char| match character {
        '\t' | '\n' | '\r' => ' ',
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        character => character,
    };
    let mut name: String = name.chars().take(kept).map(clean).collect();
    if !is_short {
        name.push(CUT);
    }
    Some(name)
}

/// Cleans a name in its place, and says whether it had to.
pub(crate) fn clean(name: &mut Cow<'static, str>, max_characters: usize) -> bool {
    let cleaned = cleaned(name, max_characters);
    let is_changed = cleaned.is_some();
    if let Some(cleaned) = cleaned {
        *name = Cow::Owned(cleaned);
    }
    is_changed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_NAME, cleaned};

    #[test]
    fn ordinary_name_stays_as_it_is() {
        for name in ["", "agent:llm_call", "Recherche à Zürich", &"ü".repeat(MAX_NAME)] {
            assert_eq!(cleaned(name, MAX_NAME), None, "{name}");
        }
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(cleaned("a\0b\u{1b}[2J\u{9b}", 256).unwrap(), "a\u{fffd}b\u{fffd}[2J\u{fffd}");
        assert_eq!(cleaned("two\nlines\tand a tab", 256).unwrap(), "two lines and a tab");
    }

    #[test]
    fn long_name_is_cut_at_the_limit_with_a_mark() {
        assert_eq!(cleaned(&"ü".repeat(257), 256).unwrap(), format!("{}…", "ü".repeat(255)));
        assert_eq!(cleaned("abcdef\0", 4).unwrap(), "abc…");
    }

    proptest! {
        #[test]
        fn cleaned_name_is_clean(name in any::<String>(), max in 1_usize..40) {
            if let Some(name) = cleaned(&name, max) {
                prop_assert!(name.chars().count() <= max);
                prop_assert_eq!(cleaned(&name, max), None);
            } else {
                prop_assert!(name.chars().count() <= max);
            }
        }
    }
}
