//! Values to JSON text, whatever the user's `Serialize`, `Debug` and `Display` do.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

pub(super) const CAPTURE_PANICKED: &str = "<capture panicked>";

/// The JSON text of a value, or of a placeholder where its `Serialize` errs or panics.
pub(crate) fn json_text<T: Serialize + ?Sized>(value: &T) -> String {
    match catch_unwind(AssertUnwindSafe(|| serde_json::to_string(value))) {
        Ok(Ok(json)) => json,
        Ok(Err(_)) => "\"<capture failed>\"".into(),
        Err(_) => "\"<capture panicked>\"".into(),
    }
}

/// The `Debug` text of a value, or a placeholder.
pub(crate) fn debug_text<T: fmt::Debug + ?Sized>(value: &T) -> String {
    formatted(|text| fmt::write(text, format_args!("{value:?}")))
}

/// The `Display` text of a value, or a placeholder.
pub(crate) fn display_text<T: fmt::Display + ?Sized>(value: &T) -> String {
    formatted(|text| fmt::write(text, format_args!("{value}")))
}

fn formatted(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        write(&mut text).map(|()| text)
    }));
    match outcome {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => "<capture failed>".into(),
        Err(_) => CAPTURE_PANICKED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Erring;

    impl Serialize for Erring {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }

    impl fmt::Debug for Erring {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no")
        }
    }

    #[test]
    fn what_fails_to_serialize_leaves_a_placeholder() {
        assert_eq!(json_text(&Erring), "\"<capture failed>\"");
        assert_eq!(debug_text(&Erring), "<capture panicked>");
    }
}
