//! The grammar of the attribute: a schema name, then options.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Path, Result, Token, parenthesized};

use crate::nearest::nearest;

const OPTIONS: [&str; 3] = ["skip", "skip_all", "crate"];
const EXAMPLE: &str = r#"write `#[span("agent:llm_call")]`"#;

/// What was written between the parentheses.
pub(crate) struct Args {
    pub(crate) schema_name: LitStr,
    pub(crate) skip: Vec<Ident>,
    pub(crate) skip_all: Option<Span>,
    pub(crate) crate_path: Option<Path>,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args =
            Self { schema_name: schema_name(input)?, skip: Vec::new(), skip_all: None, crate_path: None };
        let mut has_skip = None;
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            if input.peek(Token![crate]) {
                let key: Token![crate] = input.parse()?;
                input.parse::<Token![=]>()?;
                set_once(&mut args.crate_path, Path::parse_mod_style(input)?, "crate", key.span)?;
                continue;
            }
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "skip" => {
                    set_once(&mut has_skip, (), "skip", key.span())?;
                    args.skip = names(input, &key)?;
                }
                "skip_all" => set_once(&mut args.skip_all, key.span(), "skip_all", key.span())?,
                unknown => return Err(unknown_option(&key, unknown)),
            }
        }
        Ok(args)
    }
}

fn schema_name(input: ParseStream<'_>) -> Result<LitStr> {
    if input.is_empty() {
        return Err(Error::new(Span::call_site(), format!("the span needs a schema name: {EXAMPLE}")));
    }
    let Ok(name) = input.parse::<LitStr>() else {
        return Err(input.error(format!("the schema name comes first, as a string literal: {EXAMPLE}")));
    };
    Ok(name)
}

fn names(input: ParseStream<'_>, key: &Ident) -> Result<Vec<Ident>> {
    let list;
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(
            key.span(),
            format!("`{key}` takes the names of arguments: write `{key}(a, b)`"),
        ));
    }
    parenthesized!(list in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&list, Ident::parse_any)?;
    if names.is_empty() {
        return Err(Error::new(key.span(), format!("`{key}` names no argument: write `{key}(a, b)`")));
    }
    Ok(names.into_iter().collect())
}

fn unknown_option(key: &Ident, unknown: &str) -> Error {
    let cure = match nearest(unknown, OPTIONS) {
        Some(option) => format!("did you mean `{option}`?"),
        None => format!("the options are {}", OPTIONS.map(|option| format!("`{option}`")).join(", ")),
    };
    Error::new(key.span(), format!("unknown option `{unknown}`: {cure}"))
}

fn set_once<T>(slot: &mut Option<T>, value: T, key: &str, span: Span) -> Result<()> {
    if slot.is_some() {
        return Err(Error::new(span, format!("`{key}` is given twice: remove one of them")));
    }
    *slot = Some(value);
    Ok(())
}
