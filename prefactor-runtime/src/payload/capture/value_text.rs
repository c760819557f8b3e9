//! The text of a value, captured by `Debug` or `Display` under the limits of the side that is being captured.

use std::fmt::{self, Debug, Display};

use crate::payload::capture::recorder;
use crate::payload::text::{Form, Formatted};
use crate::payload::{limits, markers, text};

/// The `Debug` text of a value, or a placeholder. Empty where no values are captured.
pub(crate) fn debug_text<T: Debug + ?Sized>(value: &T) -> String {
    text_of(Form::Debug, format_args!("{value:?}"))
}

/// The `Display` text of a value, or a placeholder. Empty where no values are captured.
pub(crate) fn display_text<T: Display + ?Sized>(value: &T) -> String {
    text_of(Form::Display, format_args!("{value}"))
}

fn text_of(form: Form, arguments: fmt::Arguments<'_>) -> String {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let side = recorder::side();
    let mut text = Vec::new();
    if !side.is_captured {
        return String::new();
    }
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        text::format(&mut text, form, arguments, side.max_length, limits::MAX_PAYLOAD)
    }));
    let text = String::from_utf8(text).unwrap_or_default();
    match formatted {
        Ok(Formatted::Whole) => text,
        Ok(Formatted::Cut { head, omitted }) => {
            let (head, tail) = text.split_at_checked(head).unwrap_or((&text, ""));
            text::with_mark(head, tail, omitted)
        }
        Ok(Formatted::Failed) => markers::FAILED.into(),
        Err(_) => markers::PANICKED.into(),
    }
}
