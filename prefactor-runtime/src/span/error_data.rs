//! The data of an error, captured and redacted as that of spans.

use serde::Serialize;

use crate::context::Context;
use crate::payload::{Payload, Redact};
use crate::redaction::Redaction;
use crate::types::span_error::SpanError;

impl SpanError {
    /// Adds data: an object as it is, anything else as `{"result": value}`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanError;
    /// use serde_json::{Value, json};
    ///
    /// # let recorder = prefactor::testing::Recorder::new();
    /// # recorder.run(|| {
    /// let error = SpanError::new("no answer").with_type("Timeout").with_data(&json!({ "after_ms": 10_000 }));
    /// assert_eq!(error.data::<Value>(), Some(json!({ "after_ms": 10_000 })));
    /// # });
    /// ```
    #[must_use]
    pub fn with_data<T: Serialize + ?Sized>(mut self, data: &T) -> Self {
        self.set_data(Payload::of(Context::current_data_limits().outputs, data));
        self
    }

    /// The data, for example as a map. `None` where there is none, and when it has another shape.
    #[must_use]
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let mut json = Vec::new();
        self.payload_of_data()?.render_into(&mut json, &Redaction::default() as &dyn Redact);
        serde_json::from_slice(&json).ok()
    }
}
