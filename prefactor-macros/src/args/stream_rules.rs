//! `stream(…)`: the meaning of a stream's items for its span.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Result, Type};

use super::syntax::{list, value};
use crate::suggest::suggest;

const RULES: [&str; 5] = ["end", "fail", "first", "restart", "with"];

/// `stream(…)`: closures that look at the items, or a type that reads them.
#[derive(Default)]
pub(crate) struct StreamRules {
    /// `with`: instead of closures.
    pub(crate) reader: Option<Type>,
    pub(crate) end: Option<Expr>,
    pub(crate) fail: Option<Expr>,
    pub(crate) first: Option<Expr>,
    pub(crate) restart: Option<Expr>,
}

impl StreamRules {
    /// The place of one of them.
    pub(crate) fn span(&self) -> Option<Span> {
        let rule = [&self.end, &self.fail, &self.first, &self.restart].into_iter().flatten().next();
        rule.map(Spanned::span).or_else(|| self.reader.as_ref().map(Spanned::span))
    }

    pub(super) fn parse(key: &Ident, input: ParseStream<'_>) -> Result<Self> {
        let mut rules = Self::default();
        let pairs = list(key, "end = |item| …", input, |input| {
            let name = input.call(Ident::parse_any)?;
            let rule = if name == "with" {
                Rule::Reader(value(&name, "path::to::Reader", input)?)
            } else {
                Rule::Closure(value(&name, "|item| item.is_last()", input)?)
            };
            Ok((name, rule))
        })?;
        let reader = pairs.iter().find(|(name, _)| name == "with");
        if let (Some((with, _)), true) = (reader, pairs.len() > 1) {
            return Err(Error::new(
                with.span(),
                "`with` has all rules of the stream: remove the others, or `with`",
            ));
        }
        for (name, rule) in pairs {
            let rule = match rule {
                Rule::Reader(reader) => {
                    rules.reader = Some(reader);
                    continue;
                }
                Rule::Closure(rule) => rule,
            };
            let place = match name.to_string().as_str() {
                "end" => &mut rules.end,
                "fail" => &mut rules.fail,
                "first" => &mut rules.first,
                "restart" => &mut rules.restart,
                unknown => {
                    let cure = match suggest(unknown, RULES) {
                        Some(rule) => format!("did you mean `{rule}`?"),
                        None => format!("use {}", RULES.map(|rule| format!("`{rule}`")).join(", ")),
                    };
                    return Err(Error::new(name.span(), format!("`stream` has no rule `{unknown}`: {cure}")));
                }
            };
            if place.replace(rule).is_some() {
                return Err(Error::new(name.span(), format!("`{name}` is given twice: remove one of them")));
            }
        }
        Ok(rules)
    }
}

/// The value of a rule.
enum Rule {
    Closure(Expr),
    Reader(Type),
}
