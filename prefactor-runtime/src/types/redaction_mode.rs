//! How values that look like secrets are sent.

/// The action of the built-in redaction rules on a value that is a secret by its name or its shape.
///
/// # Examples
///
/// ```
/// use prefactor::{Client, RedactionMode};
///
/// let builder = Client::builder().redaction(RedactionMode::Mark);
/// # drop(builder);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedactionMode {
    /// `[REDACTED]` stands in its place, and it never leaves the process.
    #[default]
    Hide,
    /// It is sent with the platform's mark for sensitive values, `{"$sensitive": "string", "value": …}`: the platform stores
    /// it apart, shows it to those who may see it, and can forget it. Processors are given `[REDACTED]`.
    Mark,
    /// It is sent as it is. Rules of the program hold all the same.
    Off,
}
