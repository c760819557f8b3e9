//! The schema name, which stands first, and what may stand in an option's place.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, Ident, Lit, LitStr, Result, Token};

use super::forms::{Form, is_option};
use super::part::{found, is_over, missing_comma};

const EXAMPLE: &str = r#"use e.g. `#[span("agent:llm_call")]`"#;

/// The literal at the beginning, and the comma after it. Options may stand alone.
pub(super) fn parse(input: ParseStream<'_>) -> Result<Option<LitStr>> {
    if input.is_empty() || begins_with_option(input) {
        return Ok(None);
    }
    let at = input.span();
    let message = format!("the schema name must be a string literal: {EXAMPLE}");
    let name = input.parse().map_err(|_| Error::new(at, message))?;
    if !is_over(input) {
        return Err(missing_comma(input, r#"use e.g. `#[span("agent:llm_call", skip(a))]`"#));
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(Some(name))
}

/// Any word before `=` or parentheses is meant as an option, and so is an option's alone.
fn begins_with_option(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let Ok(word) = ahead.call(Ident::parse_any) else { return false };
    ahead.peek(Token![=]) || ahead.peek(syn::token::Paren) || is_option(&word) && is_over(&ahead)
}

/// The word of the next option.
pub(super) fn option_word(
    schema_name: Option<&LitStr>,
    first: Option<&Ident>,
    input: ParseStream<'_>,
) -> Result<Ident> {
    if let Ok(literal) = input.fork().parse::<Lit>() {
        return Err(Error::new(literal.span(), misplaced(&literal, schema_name, first, input)?));
    }
    input
        .call(Ident::parse_any)
        .map_err(|_| input.error(format!("an option is expected, not {}: use e.g. `skip(a)`", found(input))))
}

/// The message for a literal in the place of an option.
fn misplaced(
    literal: &Lit,
    schema_name: Option<&LitStr>,
    first: Option<&Ident>,
    input: ParseStream<'_>,
) -> Result<String> {
    let (Lit::Str(text), None, Some(first)) = (literal, schema_name, first) else {
        let what = found(input);
        return Ok(match (literal, schema_name) {
            (Lit::Str(_), Some(_)) => {
                "a span has one schema name: remove this text, or name its option, e.g. `name = \"Ask the model\"`".to_owned()
            }
            _ => format!("an option is expected, not {what}: use e.g. `skip(a)`"),
        });
    };
    let name = text.token();
    Ok(format!("the schema name comes first: use `#[span({name}, {})]`", Form::of(first)?.with("…")))
}
