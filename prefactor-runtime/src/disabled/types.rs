//! Methods of common types that need no capture and no delivery.

use serde::Serialize;

use crate::transport::{Request, Response};
use crate::types::span_error::SpanError;

impl SpanError {
    /// Adds data, which is not captured.
    #[must_use]
    pub fn with_data<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// `None`.
    #[must_use]
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        None
    }
}

impl Response {
    /// An empty success: nothing is sent, so nothing is acknowledged.
    #[must_use]
    pub fn accepting(_: &Request) -> Self {
        Self::new(200, "")
    }
}
