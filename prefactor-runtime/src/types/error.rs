//! The one public error: opaque, with methods that tell its kind.

use std::error::Error as StdError;
use std::fmt;

#[cfg(feature = "api")]
use crate::types::api_words::ApiWords;

/// Why the client could not be set up, an identifier not be read, or a request of the typed client failed.
///
/// Nothing that happens to spans after set-up is ever returned as an error: it is counted in
/// [`Stats`](crate::Stats) and logged. The text says what to do, names the environment variable at fault, and
/// never contains the API token. [`source`](std::error::Error::source) is the error of the system, of a library or of the transport
/// behind it. Two kinds have no source, because it could repeat a secret: the error of a token's provider, and that of an answer that
/// cannot be read.
///
/// # Examples
///
/// ```
/// use prefactor::Client;
///
/// let error = Client::builder().api_url("no address").api_token("a-token").build().unwrap_err();
/// assert!(error.is_configuration());
/// println!("{error}");
/// ```
///
/// A program that can go on without telemetry asks which kind it is:
///
/// ```
/// fn set_up() -> Result<Option<prefactor::ShutdownGuard>, prefactor::Error> {
///     match prefactor::init() {
///         Ok(guard) => Ok(Some(guard)),
///         Err(error) if error.is_already_installed() => Ok(None), // a library was first
///         Err(error) if error.is_thread() || error.is_signal() => {
///             eprintln!("no telemetry: {error}"); // the system has no thread or file left
///             Ok(None)
///         }
///         Err(error) => Err(error), // a setting is wrong: the text names it
///     }
/// }
/// # let _ = set_up as fn() -> _;
/// ```
pub struct Error {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
    #[cfg(feature = "api")]
    pub(super) api: Option<Box<ApiWords>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Configuration,
    AlreadyInstalled,
    Thread,
    Signal,
    InvalidId,
    #[cfg(feature = "api")]
    Refused,
    #[cfg(feature = "api")]
    Unavailable,
    #[cfg(feature = "api")]
    Protocol,
}

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            #[cfg(feature = "api")]
            api: None,
        }
    }

    /// With the error behind it, of which the message tells already. It must not hold the token.
    #[cfg(feature = "enabled")]
    pub(crate) fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Kind::Configuration, message)
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn already_installed() -> Self {
        let message = "a prefactor client is installed already: call init() or install() once, and shut that \
                       client down before installing another";
        Self::new(Kind::AlreadyInstalled, message)
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn thread(cause: std::io::Error) -> Self {
        let message =
            format!("the delivery thread could not be started ({cause}): {}", Self::limit_to_raise(&cause));
        Self::new(Kind::Thread, message).caused_by(cause)
    }

    /// The cure where the system gives no thread or no file.
    #[cfg(feature = "enabled")]
    fn limit_to_raise(cause: &std::io::Error) -> &'static str {
        if Self::is_file_limit(cause) {
            "the process has too many open files: raise the limit (ulimit -n, LimitNOFILE), or close some"
        } else {
            "raise the limit on threads (ulimit -u, TasksMax) or on memory"
        }
    }

    /// Whether a call failed because the process, or the system, has too many open files.
    #[cfg(feature = "enabled")]
    pub(crate) fn is_file_limit(cause: &std::io::Error) -> bool {
        #[cfg(unix)]
        return matches!(cause.raw_os_error(), Some(libc::EMFILE | libc::ENFILE));
        #[cfg(not(unix))]
        return cause.raw_os_error() == Some(4);
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn signal(cause: std::io::Error) -> Self {
        let message =
            format!("the program cannot listen for signals ({cause}): {}", Self::limit_to_raise(&cause));
        Self::new(Kind::Signal, message).caused_by(cause)
    }

    pub(crate) fn invalid_id(text: &str) -> Self {
        // Tokens and ids are configured side by side, so users confuse them. The error must not show a token.
        let is_token = ["pf_", "eyJ"].iter().any(|start| text.trim_start().starts_with(start));
        let shown: String = text.chars().take(40).collect();
        let what = if is_token { "a token".to_owned() } else { format!("{shown:?}") };
        let message =
            format!("{what} is not a PFID: 32 characters of 0-9 and a-z without i, l, o, u are expected");
        Self::new(Kind::InvalidId, message)
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
    pub fn is_thread(&self) -> bool {
        self.kind == Kind::Thread
    }

    /// Whether signals could not be listened for.
    #[must_use]
    pub fn is_signal(&self) -> bool {
        self.kind == Kind::Signal
    }

    /// Whether a text is not a [`Pfid`](crate::Pfid).
    ///
    /// # Examples
    ///
    /// ```
    /// let error = "no id".parse::<prefactor::Pfid>().unwrap_err();
    /// assert!(error.is_invalid_id());
    /// ```
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
        // `main` prints the `Debug` of a returned error, and people need the message there.
        write!(formatter, "{:?}: {}", self.kind, self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}
