//! The user's statements, and what keeps the parameters as they were: when they are dropped, and what the
//! compiler says of them.
//!
//! A closure or an async block that takes the arguments along drops its locals first, and then what it has taken, in
//! the order in which that was mentioned. The function itself would drop the last argument first. So the block mentions
//! those that have something to drop from the last to the first, and binds some of them anew as locals:
//!
//! * those that are `mut`, for only a local may be pointed at other locals of the body,
//! * those that the body does not use, so that the compiler says so, as it would without the mention,
//! * those whose names begin with an underscore, or are one, if they would be dropped after what stands before them,
//! * and whatever stands after one of these and may have something to drop.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, ReceiverKind, Type};

use crate::function::{Function, bindings};

/// The mentions, the new bindings, and the body.
pub(crate) struct Body {
    pub(crate) mentions: TokenStream,
    pub(crate) statements: TokenStream,
}

pub(crate) fn body(function: &mut Function, private: &TokenStream) -> Body {
    let dropped = dropped(function);
    let arguments = function.arguments();
    let mentions = arguments
        .iter()
        .rev()
        .filter(|argument| argument.is_recorded() && dropped.contains(&argument.binding))
        .map(|argument| {
            let (binding, conditions) = (&argument.binding, &argument.conditions);
            quote_spanned!(Span::mixed_site()=> #(#conditions)* let _ = &#binding;)
        });
    let mentions = mentions.collect();
    let bound_anew = bind_anew(function, private);
    let body = &function.body;
    // The user's own braces stay: they carry the edition that decides how long temporaries live. Ours around
    // them keep a body of one expression from being called a block with unused braces.
    let statements = quote_spanned!(Span::mixed_site()=> #(#bound_anew)* (#body));
    Body { mentions, statements }
}

/// The names of what may have something to drop: the order of the others is seen by nobody.
fn dropped(function: &Function) -> Vec<Ident> {
    let dropped = function.signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if may_drop(&parameter.ty) => Some(bindings(&parameter.pat)),
        _ => None,
    });
    dropped.flatten().collect()
}

fn bind_anew(function: &mut Function, private: &TokenStream) -> Vec<TokenStream> {
    let mut inputs = std::mem::take(&mut function.signature.inputs);
    let mut bound_anew = Vec::new();
    // Whether something that drops stands before, and whether it has become a local.
    let (mut drops_before, mut local_before) = (false, false);
    for (index, input) in inputs.iter_mut().enumerate() {
        let parameter = match input {
            FnArg::Receiver(receiver) => {
                drops_before |= !matches!(receiver.kind, ReceiverKind::Reference(..));
                continue;
            }
            FnArg::Typed(parameter) => parameter,
        };
        let drops = may_drop(&parameter.ty);
        let is_bound = match &*parameter.pat {
            Pat::Wild(_) if drops && drops_before => Some(keep(parameter, index)),
            Pat::Ident(PatIdent { by_ref: None, ident, mutability, subpat: None, .. }) => {
                if ident.to_string().starts_with('_') {
                    (drops && drops_before).then(|| rename(parameter, index, private))
                } else {
                    let is_needed =
                        mutability.is_some() || !function.mentions(ident) || drops && local_before;
                    is_needed.then(|| again(parameter))
                }
            }
            pattern => {
                bound_anew.extend(unused_parts(pattern, function));
                None
            }
        };
        drops_before |= drops;
        local_before |= drops && is_bound.is_some();
        bound_anew.extend(is_bound);
    }
    function.signature.inputs = inputs;
    bound_anew
}

/// `_` gets a name, under which it can be taken along.
fn keep(parameter: &mut PatType, index: usize) -> TokenStream {
    let conditions = conditions(parameter);
    let name = name_of(index);
    *parameter.pat = Pat::Verbatim(name.to_token_stream());
    quote_spanned!(Span::mixed_site()=> #(#conditions)* let #name = #name;)
}

/// `_x` keeps its name in the body only: no lint must see it used. And none must see it made for nothing, so the value
/// goes through a function.
fn rename(parameter: &mut PatType, index: usize, private: &TokenStream) -> TokenStream {
    let (levels, conditions) = (lint_levels(parameter), conditions(parameter));
    let name = name_of(index);
    let pattern = std::mem::replace(&mut *parameter.pat, Pat::Verbatim(name.to_token_stream()));
    quote_spanned!(Span::mixed_site()=> #(#conditions)* #(#levels)* let #pattern = #private::same(#name);)
}

/// The same name, as a local.
fn again(parameter: &mut PatType) -> TokenStream {
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
        .filter(|name| !name.to_string().starts_with('_') && !function.mentions(name));
    unused.map(|name| quote_spanned!(Span::mixed_site()=> let #name = #name;)).collect()
}

fn name_of(index: usize) -> Ident {
    Ident::new(&format!("__prefactor_argument_{index}"), Span::mixed_site())
}

fn conditions(parameter: &PatType) -> Vec<Attribute> {
    parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

/// Takes the lint levels off a parameter: they are about the binding that the body sees.
fn lint_levels(parameter: &mut PatType) -> Vec<Attribute> {
    const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
    let is_level = |attribute: &Attribute| LEVELS.iter().any(|level| attribute.path().is_ident(level));
    let (levels, others) = std::mem::take(&mut parameter.attrs).into_iter().partition(is_level);
    parameter.attrs = others;
    levels
}

/// Whether a value of the type may have something to drop. Types that certainly have not are left where they
/// are: a new binding would be a second copy in the future.
fn may_drop(of: &Type) -> bool {
    const PLAIN: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "str",
    ];
    match of {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => false,
        Type::Tuple(tuple) => tuple.elems.iter().any(may_drop),
        Type::Array(array) => may_drop(&array.elem),
        Type::Paren(paren) => may_drop(&paren.elem),
        Type::Group(group) => may_drop(&group.elem),
        Type::Path(path) => {
            !path.path.get_ident().is_some_and(|name| PLAIN.iter().any(|plain| name == plain))
        }
        _ => true,
    }
}
