//! The user's statements, and what keeps the compiler's view of the parameters as it was.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Attribute, FnArg, Pat, PatIdent};

use crate::function::Function;

/// The body in two parts, to stand in a closure or an async block that takes the arguments along.
///
/// The first part mentions each argument, the last one first: what a block takes along is dropped in the order in which it
/// is mentioned, and arguments are dropped in the reverse of theirs. The second binds some anew: those that are
/// `mut`, which may be pointed at locals of the body only when they are locals themselves, and those that the body does
/// not use, so that the compiler says so, as it did before the mention.
pub(crate) fn body(function: &mut Function) -> (TokenStream, TokenStream) {
    let arguments = function.arguments();
    let mentions = arguments.iter().rev().filter(|argument| argument.is_recorded()).map(|argument| {
        let (binding, conditions) = (&argument.binding, &argument.conditions);
        quote_spanned!(Span::mixed_site()=> #(#conditions)* let _ = &#binding;)
    });
    let mentions = mentions.collect();
    let bindings = bind_anew(function);
    let body = &function.body;
    // The user's own braces stay: they carry the edition that decides how long temporaries live. Ours around
    // them keep a body of one expression from being called a block with unused braces.
    (mentions, quote_spanned!(Span::mixed_site()=> #(#bindings)* (#body)))
}

fn bind_anew(function: &mut Function) -> Vec<TokenStream> {
    let mut inputs = std::mem::take(&mut function.signature.inputs);
    let mut bindings = Vec::new();
    for input in &mut inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let Pat::Ident(PatIdent { by_ref: None, mutability, ident, subpat: None, .. }) = &mut *parameter.pat
        else {
            continue;
        };
        let is_ignored = ident.to_string().starts_with('_');
        if mutability.is_none() && (is_ignored || function.mentions(ident)) {
            continue;
        }
        // A lint level on the parameter is about the binding that the body sees.
        let attributes = std::mem::take(&mut parameter.attrs);
        let (levels, others): (Vec<Attribute>, Vec<Attribute>) =
            attributes.into_iter().partition(is_lint_level);
        parameter.attrs = others;
        let conditions = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let mutability = mutability.take().into_token_stream();
        bindings.push(quote_spanned! {Span::mixed_site()=> #(#conditions)* #(#levels)* let #mutability #ident = #ident; });
    }
    function.signature.inputs = inputs;
    bindings
}

fn is_lint_level(attribute: &Attribute) -> bool {
    ["allow", "expect", "warn", "deny", "forbid"].iter().any(|level| attribute.path().is_ident(level))
}
