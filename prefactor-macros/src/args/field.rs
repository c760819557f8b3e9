//! How values are captured: an argument by its mode, a field by its key, mode and expression.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token};

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
    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = if input.peek(LitStr) {
            input.parse()?
        } else {
            let parts =
                Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(input, Ident::parse_any)?;
            let text: Vec<String> = parts.iter().map(|part| part.unraw().to_string()).collect();
            LitStr::new(&text.join("."), parts[0].span())
        };
        if !input.peek(Token![=]) {
            let message = format!("a field needs a value: use e.g. `{} = expression`", key.value());
            return Err(Error::new(key.span(), message));
        }
        input.parse::<Token![=]>()?;
        let mode = if input.parse::<Option<Token![%]>>()?.is_some() {
            CaptureMode::Display
        } else if input.parse::<Option<Token![?]>>()?.is_some() {
            CaptureMode::Debug
        } else {
            CaptureMode::Best
        };
        Ok(Self { key, mode, value: input.parse()? })
    }
}
