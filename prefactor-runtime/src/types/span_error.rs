//! The recorded form of an error.

use std::fmt;

#[cfg(feature = "enabled")]
use crate::payload::{Payload, SideLimits};

/// The error of a span: message, type, sources and data.
///
/// # Examples
///
/// ```
/// use prefactor::SpanError;
///
/// let error = SpanError::new("no answer within 10 s").with_type("Timeout").with_data(&["attempt 1", "attempt 2"]);
/// assert_eq!((error.error_type(), error.message()), ("Timeout", "no answer within 10 s"));
/// assert!(error.sources().is_empty());
/// ```
#[derive(Clone)]
pub struct SpanError {
    error_type: Option<String>,
    pub(crate) message: String,
    pub(crate) sources: Vec<String>,
    /// Where a panic happened, as `file:line:column`.
    #[cfg(feature = "enabled")]
    pub(crate) location: Option<String>,
    #[cfg(feature = "enabled")]
    data: Option<Payload>,
}

impl SpanError {
    /// An error of type `Error`.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            error_type: None,
            message: message.into(),
            sources: Vec::new(),
            #[cfg(feature = "enabled")]
            location: None,
            #[cfg(feature = "enabled")]
            data: None,
        }
    }

    /// Sets the type, by which errors are grouped.
    #[must_use]
    pub fn with_type(mut self, error_type: impl Into<String>) -> Self {
        self.error_type = Some(error_type.into());
        self
    }

    /// The name of the error's type.
    #[must_use]
    pub fn error_type(&self) -> &str {
        self.error_type.as_deref().unwrap_or("Error")
    }

    /// The error's own text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The texts of the errors that caused it, nearest first.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.sources
    }
}

#[cfg(feature = "enabled")]
impl SpanError {
    pub(crate) fn payload_of_data(&self) -> Option<&Payload> {
        self.data.as_ref()
    }

    pub(crate) fn set_data(&mut self, data: Payload) {
        self.data = Some(data);
    }

    /// In a box, as outcomes have it.
    pub(crate) fn boxed<E: ?Sized>(message: String) -> Box<Self> {
        Self::boxed_as(message, std::any::type_name::<E>())
    }

    pub(crate) fn boxed_as(message: String, error_type: &'static str) -> Box<Self> {
        Box::new(Self::new(message).with_type(error_type))
    }

    /// Sets the type, unless the error has one.
    pub(crate) fn or_type(mut self, error_type: &str) -> Self {
        self.error_type.get_or_insert_with(|| error_type.to_owned());
        self
    }

    /// Names the type of the error that this one stands for, unless it has a name of its own.
    pub(crate) fn or_type_of<E: ?Sized>(mut self) -> Self {
        self.error_type.get_or_insert_with(|| std::any::type_name::<E>().into());
        self
    }

    /// Type and place are no values of the program's: they stay where none are captured.
    pub(crate) fn to_payload(&self, side: SideLimits) -> Payload {
        let always = SideLimits { is_captured: true, ..side };
        Payload::of_members(always, |members| {
            members.insert("error_type", self.error_type());
            if side.is_captured {
                if !self.message.is_empty() {
                    members.insert("message", &self.message);
                }
                if !self.sources.is_empty() {
                    members.insert("sources", &self.sources);
                }
            }
            if let Some(location) = &self.location {
                members.insert("location", location);
            }
            if let Some(data) = self.data.as_ref().filter(|_| side.is_captured) {
                members.insert_payload("data", data);
            }
        })
    }
}

impl fmt::Debug for SpanError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("SpanError");
        debug
            .field("error_type", &self.error_type())
            .field("message", &self.message)
            .field("sources", &self.sources);
        debug.finish_non_exhaustive()
    }
}

impl From<&str> for SpanError {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<String> for SpanError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
