//! What lints say about an annotated function.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Attribute, Ident, Meta};

/// Turns `#[expect(clippy::…)]` into `#[allow(clippy::…)]`.
///
/// Clippy sees the body within a closure or async block, where some lints do not look. An expectation that holds without the
/// attribute would be reported as unfulfilled. The compiler's own lints see the same code, so their expectations stay.
pub(crate) fn allow_expected(attributes: &mut Vec<Attribute>) {
    let mut allowed = Vec::new();
    attributes.retain_mut(|attribute| {
        let Meta::List(list) = &mut attribute.meta else { return true };
        if !list.path.is_ident("expect") {
            return true;
        }
        let (clippy, others, reason) = split(&list.tokens);
        if clippy.is_empty() {
            return true;
        }
        let mut allow = attribute.clone();
        if let Meta::List(list) = &mut allow.meta {
            // A generated word: `clippy::allow_attributes` is about what users write.
            list.path = Ident::new("allow", Span::mixed_site()).into();
            list.tokens = quote_spanned!(Span::mixed_site()=> #(#clippy,)* #reason);
        }
        allowed.push(allow);
        if let Meta::List(list) = &mut attribute.meta {
            list.tokens = quote_spanned!(Span::mixed_site()=> #(#others,)* #reason);
        }
        !others.is_empty()
    });
    attributes.append(&mut allowed);
}

/// The lints of Clippy in a list, the others, and the reason.
fn split(list: &TokenStream) -> (Vec<TokenStream>, Vec<TokenStream>, TokenStream) {
    let (mut clippy, mut others, mut reason) = (Vec::new(), Vec::new(), TokenStream::new());
    let mut entry: Vec<TokenTree> = Vec::new();
    let end = TokenTree::Punct(proc_macro2::Punct::new(',', proc_macro2::Spacing::Alone));
    for tree in list.clone().into_iter().chain([end]) {
        if !matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ',') {
            entry.push(tree);
            continue;
        }
        let is_word = |word: &str| entry.first().is_some_and(|first| first.to_string() == word);
        let (is_clippy, is_reason) = (is_word("clippy"), is_word("reason"));
        let tokens: TokenStream = entry.drain(..).collect();
        match (is_clippy, is_reason) {
            (true, _) => clippy.push(tokens),
            (_, true) => reason = tokens.to_token_stream(),
            _ if tokens.is_empty() => {}
            _ => others.push(tokens),
        }
    }
    (clippy, others, reason)
}
