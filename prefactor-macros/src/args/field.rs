//! How values are captured: an argument by its mode, a field by its key, mode and expression.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token};

use super::forms::Form;
use super::part::{found, is_over};

/// How one value is captured.
pub(crate) enum CaptureMode {
    /// By the best trait that its type implements.
    Best,
    Debug,
    Display,
    With(Path),
    Redact,
    Sensitive,
}

/// One of `fields(…)`.
pub(crate) struct Field {
    pub(crate) key: LitStr,
    pub(crate) mode: CaptureMode,
    pub(crate) value: Expr,
}

impl Field {
    pub(super) fn parse(form: &Form<'_>, input: ParseStream<'_>) -> Result<Self> {
        let key = key(form, input)?;
        if !input.peek(Token![=]) {
            return Err(without_value(form, &key, input));
        }
        input.parse::<Token![=]>()?;
        let mode = if input.parse::<Option<Token![%]>>()?.is_some() {
            CaptureMode::Display
        } else if input.parse::<Option<Token![?]>>()?.is_some() {
            CaptureMode::Debug
        } else {
            CaptureMode::Best
        };
        if is_over(input) {
            return Err(without_value(form, &key, input));
        }
        let at = input.span();
        let value = input.parse().map_err(|_| {
            let key = key.value();
            Error::new(at, format!("the field `{key}` needs an expression: use e.g. `{key} = expression`"))
        })?;
        Ok(Self { key, mode, value })
    }
}

fn key(form: &Form<'_>, input: ParseStream<'_>) -> Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let parts = Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(input, Ident::parse_any);
    let parts = parts.map_err(|_| {
        let message = format!("a field begins with its name, not {}: {}", found(input), form.example());
        input.error(message)
    })?;
    let text: Vec<String> = parts.iter().map(|part| part.unraw().to_string()).collect();
    Ok(LitStr::new(&text.join("."), parts[0].span()))
}

/// A name that no `=` follows. A path may be meant as the value.
fn without_value(form: &Form<'_>, key: &LitStr, input: ParseStream<'_>) -> Error {
    let name = key.value();
    let message = match name.rsplit_once('.') {
        Some((_, last)) if is_over(input) => {
            format!("a field needs a name and a value: use e.g. `{last} = {name}`")
        }
        _ if is_over(input) => format!("a field needs a value: use e.g. `{name} = expression`"),
        _ => format!("a field needs `=` after its name, not {}: {}", found(input), form.example()),
    };
    let at = if is_over(input) { key.span() } else { input.span() };
    Error::new(at, message)
}
