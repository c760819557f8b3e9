//! Keeps lints on an annotated function the same as without the attribute.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Attribute, Ident, Meta, ReturnType};

/// The compiler's lints that do not look into closures and async blocks. All others see the body as they would without.
const UNSEEN: [&str; 1] = ["unconditional_recursion"];

/// Gives Clippy the function as it was written, if it expects one of Clippy's lints anywhere.
///
/// Many of these look at a function's own body, and not into the closure or async block around it.
pub(crate) fn for_clippy(expanded: TokenStream, item: &TokenStream) -> TokenStream {
    if !expects_clippy(item.clone()) {
        return expanded;
    }
    quote_spanned! {Span::mixed_site()=>
        #[cfg(not(clippy))]
        #expanded
        #[cfg(clippy)]
        #item
    }
}

/// Whether an attribute among the tokens has `expect(…clippy…)`.
fn expects_clippy(tokens: TokenStream) -> bool {
    let mut may_be_attribute = false;
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Punct(punct) => {
            may_be_attribute = punct.as_char() == '#' || may_be_attribute && punct.as_char() == '!';
            false
        }
        TokenTree::Group(group) => {
            let is_attribute = std::mem::take(&mut may_be_attribute);
            is_attribute && is_expectation(group.stream()) || expects_clippy(group.stream())
        }
        _ => {
            may_be_attribute = false;
            false
        }
    })
}

/// Whether `expect(…clippy…)` is among the tokens of an attribute.
fn is_expectation(tokens: TokenStream) -> bool {
    let mut follows_expect = false;
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => {
            follows_expect = ident == "expect";
            false
        }
        TokenTree::Group(group) => {
            let is_list = std::mem::take(&mut follows_expect);
            is_list && has(&group.stream(), "clippy") || is_expectation(group.stream())
        }
        _ => {
            follows_expect = false;
            false
        }
    })
}

fn has(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|tree| matches!(tree, TokenTree::Ident(ident) if ident == word))
}

/// Allows lints that the user expects and the compiler cannot report here.
///
/// That holds for the whole list: nobody can tell a lint that is allowed from one that is expected and seen.
pub(crate) fn allow_unseen(attributes: &mut [Attribute]) {
    for attribute in attributes {
        let Meta::List(list) = &mut attribute.meta else { continue };
        if list.path.is_ident("expect") && UNSEEN.iter().any(|lint| has(&list.tokens, lint)) {
            list.path = Ident::new("allow", Span::mixed_site()).into();
        }
    }
}

/// Words in the names of types that are futures.
const FUTURES: [&str; 5] = ["Future", "JoinHandle", "Pin", "Ready", "Receiver"];

/// Lets an async function return a future, such as the handle of a task. Clippy takes an async block that does so for one that
/// forgets to await it.
pub(crate) fn allow_future_as_value(returned: &ReturnType, run: TokenStream) -> TokenStream {
    if !names_future(returned.to_token_stream()) {
        return run;
    }
    quote_spanned!(Span::mixed_site()=> #[cfg_attr(clippy, allow(clippy::async_yields_async))] { #run })
}

fn names_future(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => {
            let name = ident.to_string();
            FUTURES.iter().any(|future| name.contains(future))
        }
        TokenTree::Group(group) => names_future(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
