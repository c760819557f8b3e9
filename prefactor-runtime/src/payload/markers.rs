//! The markers that a payload has in the place of values that were not captured, are not shown, or have no form in JSON.
//!
//! They are written by capture and by the renderer, and read by whoever tells them from the program's own data. The guide's
//! page on redaction has them in a table, which is checked against the list below and against the limits.

pub(crate) use crate::platform::untrusted_text::REDACTED;

/// In the place of a text for which a rule of the program panicked.
pub(crate) const RULE_FAILED: &str = "[REDACTED: the rule panicked]";

/// After the head of a text whose end is not known.
pub(crate) const CUT_SUFFIX: &str = "... [truncated]";

/// How every mark within a text begins that says that it was cut.
pub(crate) const CUT_MARK: &str = "... [truncated";

/// How a mark ends between the head and the tail of a text, after [`CUT_MARK`] and the number of characters left out.
pub(crate) const CUT_MARK_END: &str = "] ...";

/// The member that says how many elements, members or numbers were left out, or `null` where nobody counted them.
pub(crate) const TRUNCATED: &str = "$truncated";

/// The member with the length of a byte string.
pub(crate) const BYTES: &str = "$bytes";

/// In the place of a list or an object that is nested too deep.
pub(crate) const TOO_DEEP: &str = "<too deep>";

/// In the place of a value whose `Serialize`, `Debug` or `Display` gave an error.
pub(crate) const FAILED: &str = "<capture failed>";

/// In the place of a value whose `Serialize`, `Debug` or `Display` panicked.
pub(crate) const PANICKED: &str = "<capture panicked>";

/// In the place of a value behind a lock that was held, or poisoned.
pub(crate) const LOCKED: &str = "<locked>";

/// Numbers that JSON does not have.
pub(crate) const NOT_A_NUMBER: &str = "NaN";
pub(crate) const INFINITY: &str = "Infinity";
pub(crate) const NEGATIVE_INFINITY: &str = "-Infinity";

/// All of them, for whoever tells them from the program's own data.
#[cfg(test)]
pub(crate) const LIST: [&str; 14] = [
    REDACTED,
    RULE_FAILED,
    CUT_SUFFIX,
    CUT_MARK,
    CUT_MARK_END,
    TRUNCATED,
    BYTES,
    TOO_DEEP,
    FAILED,
    PANICKED,
    LOCKED,
    NOT_A_NUMBER,
    INFINITY,
    NEGATIVE_INFINITY,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::limits;

    /// The page of the guide.
    fn guide() -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/guide/redaction.md");
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn guide_names_every_marker() {
        let guide = guide();
        for marker in LIST {
            assert!(guide.contains(marker), "{marker} is not in the guide");
        }
    }

    #[test]
    fn guide_names_every_limit() {
        let guide = guide();
        let limits = [
            ("characters of a text", limits::DEFAULT_MAX_LENGTH, "10,000 characters"),
            ("elements of a list", limits::MAX_ELEMENTS, "more than 10,000, or"),
            ("members of an object", limits::MAX_KEYS, "more than 1,000"),
            ("levels", usize::from(limits::MAX_DEPTH), "32 levels"),
            ("characters of a key", limits::MAX_KEY_LENGTH, "a key 256 characters"),
            ("numbers of a payload", limits::DEFAULT_MAX_NUMBERS, "4,096 numbers"),
            ("numbers of a list", limits::MIN_NUMBERS, "16 of each list"),
            ("limit with a tail", limits::MIN_SPLIT, "below 64 characters"),
            ("KiB of a payload", limits::MAX_PAYLOAD >> 10, "512 KiB"),
        ];
        for (what, limit, words) in limits {
            let digits: String = words.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, limit.to_string(), "{what}");
            assert!(guide.contains(words), "{what}: {words:?} is not in the guide");
        }
    }
}
