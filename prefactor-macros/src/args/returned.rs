//! `ret` and `err`: the recorded form of a returned value, an error or a stream's items.

use syn::parse::ParseStream;
use syn::{Error, Ident, Path, Result, parenthesized};

use super::forms::{Form, of_tracing};
use super::syntax::{value, word};

/// The recorded form of a returned value or error.
pub(crate) enum RecordMode {
    /// The word alone: the default, and a requirement that there is one.
    Required,
    Skip,
    Debug,
    With(Path),
}

/// The recorded form of a stream's items.
pub(crate) enum ItemsMode {
    List,
    Fold(Path),
}

pub(super) enum Recorded<T> {
    Value(RecordMode),
    Other(T),
}

/// The text after `ret` or `err`: nothing, or one word in parentheses. `other` knows the words that are particular to one
/// of them.
pub(super) fn record_mode<T>(
    form: &Form<'_>,
    input: ParseStream<'_>,
    other: impl FnOnce(&Ident, ParseStream<'_>) -> Result<Option<T>>,
) -> Result<Recorded<T>> {
    if !input.peek(syn::token::Paren) {
        return Ok(Recorded::Value(RecordMode::Required));
    }
    let inner;
    parenthesized!(inner in input);
    let word = word(form, &inner)?;
    let recorded = match word.to_string().as_str() {
        "skip" => Recorded::Value(RecordMode::Skip),
        "debug" | "Debug" => Recorded::Value(RecordMode::Debug),
        "with" => Recorded::Value(RecordMode::With(value(&form.function(&word), &inner)?)),
        _ => match other(&word, &inner)? {
            Some(other) => Recorded::Other(other),
            None => return Err(unknown_word(form, &word)),
        },
    };
    if inner.is_empty() {
        return Ok(recorded);
    }
    let key = form.word;
    Err(inner
        .error(format!("`{key}` needs one word: remove the rest, as in `{}`", form.with(&word.to_string()))))
}

/// Words of tracing's attribute have a cure of their own.
fn unknown_word(form: &Form<'_>, word: &Ident) -> Error {
    let key = form.word;
    let message = match word.to_string().as_str() {
        "Display" | "display" if key == "err" => {
            "an error is recorded by its `Display` without this option: use `err`".to_owned()
        }
        "Display" | "display" => {
            format!("`{key}` has no `{word}`: use e.g. `{}`", form.with("with = ToString::to_string"))
        }
        _ => of_tracing(word).unwrap_or_else(|| format!("`{key}` needs {}, not `{word}`", form.wanted)),
    };
    Error::new(word.span(), message)
}
