//! The markers: what stands in a payload in the place of what was not captured, not shown, or has no form in JSON.
//!
//! They are written by capture and by the renderer, and read by whoever tells them from the program's own data. The table
//! in `docs/payload.md` is checked against [`LIST`].

/// In the place of a secret.
pub(crate) const REDACTED: &str = "[REDACTED]";

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

/// In the place of what is behind a lock that was held.
pub(crate) const LOCKED: &str = "<locked>";

/// Numbers that JSON does not have.
pub(crate) const NOT_A_NUMBER: &str = "NaN";
pub(crate) const INFINITY: &str = "Infinity";
pub(crate) const NEGATIVE_INFINITY: &str = "-Infinity";
