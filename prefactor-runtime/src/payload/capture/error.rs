//! The error that ends the capture of a value.

use std::fmt::{self, Display};

use serde::ser;

/// The value is captured no further: its `Serialize` failed, or a limit cut it.
///
/// It holds no reason: nobody would read one, so none is formatted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CaptureError;

impl Display for CaptureError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the value is not captured any further")
    }
}

impl std::error::Error for CaptureError {}

impl ser::Error for CaptureError {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}
