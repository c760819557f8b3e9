//! The syntax of single options.

use syn::parse::ParseStream;
use syn::{Ident, Result, Token, parenthesized};

use super::forms::{Form, Kind};
use super::part::{Part, Word, comma, part, unexpected};

/// The value after `key =`.
pub(super) fn value<T: Part>(form: &Form<'_>, input: ParseStream<'_>) -> Result<T> {
    if !input.peek(Token![=]) {
        return Err(form.error("needs a value"));
    }
    input.parse::<Token![=]>()?;
    part(form, input)
}

/// The list in parentheses after a key.
pub(super) fn list<T>(
    form: &Form<'_>,
    input: ParseStream<'_>,
    mut item: impl FnMut(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let empty = || form.error("needs a list");
    if !input.peek(syn::token::Paren) {
        return Err(empty());
    }
    let inner;
    parenthesized!(inner in input);
    let mut items = Vec::new();
    while !inner.is_empty() {
        items.push(item(&inner)?);
        comma(form, &inner)?;
    }
    if items.is_empty() { Err(empty()) } else { Ok(items) }
}

/// The names in parentheses after a key.
pub(super) fn names(form: &Form<'_>, input: ParseStream<'_>) -> Result<Vec<Ident>> {
    list(form, input, |input| part(form, input))
}

/// The word at the beginning of an item, or in parentheses.
pub(super) fn word(form: &Form<'_>, input: ParseStream<'_>) -> Result<Ident> {
    match Word::parse_part(input) {
        Ok(Word(word)) => Ok(word),
        Err(_) => Err(unexpected::<Word>(form, input)),
    }
}

/// The pairs of an argument and a value in parentheses after a key.
pub(super) fn pairs<T: Part>(
    form: &Form<'_>,
    form_of: &dyn for<'w> Fn(&'w Ident) -> Form<'w>,
    input: ParseStream<'_>,
) -> Result<Vec<(Ident, T)>> {
    list(form, input, |input| {
        let argument = word(form, input)?;
        let value = value(&form_of(&argument), input)?;
        Ok((argument, value))
    })
}

/// The comma after an option, or the end. Other text is a value that the option does not take.
pub(super) fn after_option(form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
    let takes_no_more = matches!(form.kind, Kind::Alone | Kind::Words);
    if input.peek(Token![=]) {
        Err(form.error("takes no value after `=`"))
    } else if input.peek(syn::token::Paren) && takes_no_more {
        let more = if form.kind == Kind::Alone { "" } else { "second " };
        Err(form.error(&format!("takes no {more}list")))
    } else {
        comma(form, input)
    }
}
