//! The one public error: opaque, with questions to ask it.

use std::fmt;

/// Why the client could not be set up, or an identifier not be read.
///
/// Nothing that happens after set-up is ever returned as an error: it is counted in
/// [`Stats`](crate::Stats) and logged. The text names the environment variable at fault and the cure, and
/// never contains the API token.
pub struct Error {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Configuration,
    AlreadyInstalled,
    Worker,
    #[cfg(feature = "enabled")]
    Signals,
    InvalidId,
}

impl Error {
    #[cfg(feature = "enabled")]
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self { kind: Kind::Configuration, message: message.into() }
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn already_installed() -> Self {
        let message = "a prefactor client is installed already: call init() or install() once, and shut that \
                       client down before installing another";
        Self { kind: Kind::AlreadyInstalled, message: message.into() }
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn worker(cause: &std::io::Error) -> Self {
        let message =
            format!("the delivery thread could not be started ({cause}): raise the limit on threads");
        Self { kind: Kind::Worker, message }
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn signals(cause: &std::io::Error) -> Self {
        Self { kind: Kind::Signals, message: format!("signals cannot be listened for ({cause})") }
    }

    pub(crate) fn invalid_id(text: &str) -> Self {
        let shown: String = text.chars().take(40).collect();
        let message =
            format!("{shown:?} is not a PFID: 32 characters of 0-9 and a-z without i, l, o, u are expected");
        Self { kind: Kind::InvalidId, message }
    }

    /// Whether a setting is missing or malformed.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.kind == Kind::Configuration
    }

    /// Whether a client is installed already.
    #[must_use]
    pub fn is_already_installed(&self) -> bool {
        self.kind == Kind::AlreadyInstalled
    }

    /// Whether the delivery thread could not be started.
    #[must_use]
    pub fn is_worker(&self) -> bool {
        self.kind == Kind::Worker
    }

    /// Whether a text is not a [`Pfid`](crate::Pfid).
    #[must_use]
    pub fn is_invalid_id(&self) -> bool {
        self.kind == Kind::InvalidId
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `main` that returns this error prints its `Debug`: the sentence is what a person needs there.
        write!(formatter, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Error {}
