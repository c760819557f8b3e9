//! `ret` and `err`: the recorded form of a returned value, an error or a stream's items.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, Ident, Path, Result, parenthesized};

use super::syntax::value;

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
    key: &Ident,
    words: &str,
    input: ParseStream<'_>,
    other: impl FnOnce(&Ident, ParseStream<'_>) -> Result<Option<T>>,
) -> Result<Recorded<T>> {
    if !input.peek(syn::token::Paren) {
        return Ok(Recorded::Value(RecordMode::Required));
    }
    let inner;
    parenthesized!(inner in input);
    let word = inner.call(Ident::parse_any)?;
    let recorded = match word.to_string().as_str() {
        "skip" => Recorded::Value(RecordMode::Skip),
        "debug" | "Debug" => Recorded::Value(RecordMode::Debug),
        "with" => Recorded::Value(RecordMode::With(value(&word, "path::to::function", &inner)?)),
        _ => match other(&word, &inner)? {
            Some(other) => Recorded::Other(other),
            None => {
                return Err(Error::new(word.span(), format!("`{key}` needs {words}, not `{word}`")));
            }
        },
    };
    if !inner.is_empty() {
        return Err(inner.error(format!("`{key}` needs one word: remove the rest")));
    }
    Ok(recorded)
}
