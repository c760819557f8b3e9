//! `stream(…)`: the meaning of a stream's items for its span.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Result, Type};

use super::forms::Form;
use super::part::Callable;
use super::syntax::{list, value, word};
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

    pub(super) fn parse(form: &Form<'_>, input: ParseStream<'_>) -> Result<Self> {
        let mut rules = Self::default();
        let pairs = list(form, input, |input| {
            let name = word(form, input)?;
            let rule = match name.to_string().as_str() {
                "with" => Rule::Reader(value(&form.within(&name, "a type", "path::to::Reader"), input)?),
                known if RULES.contains(&known) => {
                    let form =
                        form.within(&name, "a closure or the path of a function", "|item| item.is_last()");
                    let Callable(rule) = value(&form, input)?;
                    Rule::Closure(rule)
                }
                unknown => return Err(unknown_rule(&name, unknown)),
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
                _ => &mut rules.restart,
            };
            if place.replace(rule).is_some() {
                return Err(Error::new(name.span(), format!("`{name}` is given twice: remove one of them")));
            }
        }
        Ok(rules)
    }
}

fn unknown_rule(name: &Ident, unknown: &str) -> Error {
    let cure = match suggest(unknown, RULES) {
        Some(rule) => format!("did you mean `{rule}`?"),
        None => format!("use {}", RULES.map(|rule| format!("`{rule}`")).join(", ")),
    };
    Error::new(name.span(), format!("`stream` has no rule `{unknown}`: {cure}"))
}

/// The value of a rule.
enum Rule {
    Closure(Expr),
    Reader(Type),
}
