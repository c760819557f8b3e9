//! The recorded parts of a function, by its options and its signature. The checks and the expansion read them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{GenericParam, ReturnType, Type};

use crate::args::Options;
use crate::function::{Argument, Function};
use crate::shape;

/// The name of an argument in the payload.
pub(crate) fn payload_key(options: &Options, argument: &Argument) -> String {
    let renamed = options.renamed.iter().find(|(renamed, _)| *renamed == argument.binding);
    renamed.map_or_else(|| argument.name(), |(_, name)| name.value())
}

/// Whether an argument is read. One that a field replaces is not: it may be replaced because reading it does harm.
pub(crate) fn is_captured(options: &Options, argument: &Argument) -> bool {
    let key = payload_key(options, argument);
    let is_replaced = options.fields.iter().any(|field| field.key.value() == key);
    !options.skip_all && argument.is_recorded() && !options.skip.contains(&argument.binding) && !is_replaced
}

/// Whether the caller chooses the type, or a part of it.
pub(crate) fn is_chosen_by_caller(of: &Type, function: &Function) -> bool {
    let generics = generics(function);
    mentions(of.to_token_stream(), &|word| {
        *word == "Self" || *word == "impl" || generics.iter().any(|generic| word == generic)
    })
}

fn mentions(tokens: TokenStream, is_it: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => mentions(group.stream(), is_it),
        TokenTree::Ident(ident) => is_it(&ident),
        _ => false,
    })
}

pub(crate) fn generics(function: &Function) -> Vec<Ident> {
    let parameters = function.signature.generics.params.iter();
    parameters
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.clone()),
            GenericParam::Const(parameter) => Some(parameter.ident.clone()),
            GenericParam::Lifetime(_) => None,
        })
        .collect()
}

/// The declared type of the value that the function gives in the end, if it can be named.
pub(crate) fn value_type(function: &Function) -> Option<&Type> {
    let ReturnType::Type(_, returned) = &function.signature.output else { return None };
    Some(success(returned))
}

/// The success type of a `Result`, or of the `Result` in it.
pub(crate) fn success(of: &Type) -> &Type {
    shape::success(shape::success(of))
}
