//! The syntax of single options.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, Result, Token, parenthesized};

/// The value after `key =`.
pub(super) fn value<T: Parse>(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<T> {
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), format!("`{key}` needs a value: use e.g. `{key} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    input.parse().map_err(|_| {
        Error::new(at, format!("the value of `{key}` is not valid: use e.g. `{key} = {example}`"))
    })
}

/// The list in parentheses after a key.
pub(super) fn list<T>(
    key: &Ident,
    example: &str,
    input: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let empty = || Error::new(key.span(), format!("`{key}` needs a list: use e.g. `{key}({example})`"));
    if !input.peek(syn::token::Paren) {
        return Err(empty());
    }
    let inner;
    parenthesized!(inner in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated_with(&inner, item)?;
    if items.is_empty() { Err(empty()) } else { Ok(items.into_iter().collect()) }
}
