//! Places of generated tokens, where the compiler reports errors about them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// Moves generated tokens to a place. Their names mean the same as before.
pub(super) fn at_place(at: Span, tokens: TokenStream) -> TokenStream {
    let move_token = |token| {
        let mut token = match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), at_place(at, group.stream())).into(),
            token => token,
        };
        token.set_span(at.resolved_at(token.span()));
        token
    };
    tokens.into_iter().map(move_token).collect()
}
