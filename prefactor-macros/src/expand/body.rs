//! The user's statements, with bindings that keep the arguments' drop order and the compiler's messages about
//! them.
//!
//! A function drops its locals, then its arguments from the last to the first. A closure or async block drops its locals, then
//! its captured variables, in the order in which its body first uses them. So the block uses all arguments that may need a drop,
//! from the last to the first, which also keeps their destructors inside the span. Some arguments are bound again as locals:
//!
//! * `mut` ones: only a local may be pointed at other locals of the body,
//! * those that the body does not use: the compiler says so, as it would without the block,
//! * those whose names begin with an underscore, or are one: the block takes them along under another name,
//! * those after one of these, if both may need a drop.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, ReceiverKind, Type};

use crate::function::{Function, bindings, is_primitive};

/// The body of the block.
pub(crate) struct Body {
    /// Uses of the arguments, which decide the order of their drops.
    pub(crate) uses: TokenStream,
    /// The new bindings.
    pub(crate) rebound: TokenStream,
    /// The user's block.
    pub(crate) block: TokenStream,
}

pub(crate) fn body(function: &mut Function, private: &TokenStream) -> Body {
    let dropped = dropped(function);
    let arguments = function.arguments();
    let uses = arguments
        .iter()
        .rev()
        .filter(|argument| argument.is_recorded() && dropped.contains(&argument.binding))
        .map(|argument| {
            let (binding, conditions) = (&argument.binding, &argument.conditions);
            quote_spanned!(Span::mixed_site()=> #(#conditions)* let _ = &#binding;)
        });
    let uses = uses.chain(receiver(function)).collect();
    let rebound = rebind_all(function, private).into_iter().collect();
    let body = &function.body;
    // The user's braces stay, because their edition decides how long temporaries live. The parentheses keep rustc from
    // reporting the braces of a one-expression body as unused.
    let block = quote_spanned!(Span::mixed_site()=> (#body));
    Body { uses, rebound, block }
}

/// `self`, if it may need a drop. It drops last.
fn receiver(function: &Function) -> Option<TokenStream> {
    let Some(FnArg::Receiver(receiver)) = function.signature.inputs.first() else { return None };
    let needs_drop = match &receiver.kind {
        ReceiverKind::Reference(..) => false,
        ReceiverKind::Typed(_, of) => may_need_drop(of),
        _ => true,
    };
    // The token of the user's own `self` has the right hygiene.
    let this = &receiver.self_token;
    needs_drop.then(|| quote_spanned!(Span::mixed_site()=> let _ = &#this;))
}

/// The names of the arguments that may need a drop. Nobody sees the order of the others.
fn dropped(function: &Function) -> Vec<Ident> {
    let dropped = function.signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if may_need_drop(&parameter.ty) => Some(bindings(&parameter.pat)),
        _ => None,
    });
    dropped.flatten().collect()
}

/// Binds arguments as locals of the block. One that may drop is bound if an earlier one is, so that the order of drops stays.
fn rebind_all(function: &mut Function, private: &TokenStream) -> Vec<TokenStream> {
    let mut inputs = std::mem::take(&mut function.signature.inputs);
    let mut rebound = Vec::new();
    let mut drops_before = false;
    for (index, input) in inputs.iter_mut().enumerate() {
        let FnArg::Typed(parameter) = input else { continue };
        let drops = may_need_drop(&parameter.ty);
        let binding = match &*parameter.pat {
            Pat::Wild(_) if drops => Some(name_wildcard(parameter, index)),
            Pat::Ident(PatIdent { by_ref: None, ident, mutability, subpat: None, .. }) => {
                if ident.to_string().starts_with('_') {
                    drops.then(|| rebind(parameter, index, private))
                } else {
                    let is_needed = mutability.is_some() || !function.uses(ident) || drops && drops_before;
                    is_needed.then(|| rebind_same(parameter))
                }
            }
            pattern => {
                rebound.extend(unused_parts(pattern, function));
                None
            }
        };
        drops_before |= drops && binding.is_some();
        rebound.extend(binding);
    }
    function.signature.inputs = inputs;
    rebound
}

/// Names `_`, so that the block can take the argument along.
fn name_wildcard(parameter: &mut PatType, index: usize) -> TokenStream {
    let conditions = conditions(parameter);
    let name = name_of(index);
    *parameter.pat = Pat::Verbatim(name.to_token_stream());
    quote_spanned!(Span::mixed_site()=> #(#conditions)* let #name = #name;)
}

/// Binds `_x` under its name in the body only: no lint must see it used. The value goes through a function, so that no lint
/// calls the binding redundant.
fn rebind(parameter: &mut PatType, index: usize, private: &TokenStream) -> TokenStream {
    let (levels, conditions) = (lint_levels(parameter), conditions(parameter));
    let name = name_of(index);
    let pattern = std::mem::replace(&mut *parameter.pat, Pat::Verbatim(name.to_token_stream()));
    quote_spanned!(Span::mixed_site()=> #(#conditions)* #(#levels)* let #pattern = #private::same(#name);)
}

/// Binds an argument again under the same name, as a local.
fn rebind_same(parameter: &mut PatType) -> TokenStream {
    let (levels, conditions) = (lint_levels(parameter), conditions(parameter));
    let Pat::Ident(PatIdent { mutability, ident, .. }) = &mut *parameter.pat else {
        return TokenStream::new();
    };
    let mutability = mutability.take().into_token_stream();
    quote_spanned!(Span::mixed_site()=> #(#conditions)* #(#levels)* let #mutability #ident = #ident;)
}

fn unused_parts(pattern: &Pat, function: &Function) -> Vec<TokenStream> {
    let unused = bindings(pattern)
        .into_iter()
        .filter(|name| !name.to_string().starts_with('_') && !function.uses(name));
    unused.map(|name| quote_spanned!(Span::mixed_site()=> let #name = #name;)).collect()
}

fn name_of(index: usize) -> Ident {
    Ident::new(&format!("__prefactor_argument_{index}"), Span::mixed_site())
}

fn conditions(parameter: &PatType) -> Vec<Attribute> {
    parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// Takes the lint levels off a parameter: they belong to the binding that the body sees.
fn lint_levels(parameter: &mut PatType) -> Vec<Attribute> {
    const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
    let is_level = |attribute: &Attribute| LEVELS.iter().any(|level| attribute.path().is_ident(level));
    let (levels, others) = std::mem::take(&mut parameter.attrs).into_iter().partition(is_level);
    parameter.attrs = others;
    levels
}

/// Whether a value of the type may need a drop. The others are not bound again: a new binding would be a second copy in the
/// future.
fn may_need_drop(of: &Type) -> bool {
    match of {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => false,
        Type::Tuple(tuple) => tuple.elems.iter().any(may_need_drop),
        Type::Array(array) => may_need_drop(&array.elem),
        Type::Paren(paren) => may_need_drop(&paren.elem),
        Type::Group(group) => may_need_drop(&group.elem),
        Type::Path(path) => !is_primitive(path),
        _ => true,
    }
}
