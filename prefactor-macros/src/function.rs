//! The annotated function, as far as it concerns the attribute: its signature. The body stays tokens, so
//! that code which is half typed does not turn into an error of ours.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, FnArg, Pat, Result, Signature, Token, Visibility};

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

/// One name that the parameters bind.
pub(crate) struct Argument {
    pub(crate) binding: Ident,
    /// The `cfg` attributes of its parameter: without the parameter there is nothing to capture.
    pub(crate) conditions: Vec<Attribute>,
}

impl Argument {
    /// The name in the payload.
    pub(crate) fn name(&self) -> String {
        self.binding.unraw().to_string()
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let start = input.span();
        let signature: Signature = input.parse().map_err(|_| {
            Error::new(start, "`#[span]` goes on a function: put it on a `fn`, or on the methods one by one")
        })?;
        if input.peek(Token![;]) {
            return Err(
                input.error("this function has no body to trace: put `#[span]` on its implementations")
            );
        }
        match input.parse()? {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                Ok(Self { attributes, visibility, signature, body })
            }
            other => Err(Error::new(other.span(), "a function's body is expected here")),
        }
    }
}

impl Function {
    /// The names that the parameters bind, in order; `self` is not among them.
    pub(crate) fn arguments(&self) -> Vec<Argument> {
        let mut arguments = Vec::new();
        for input in &self.signature.inputs {
            if let FnArg::Typed(parameter) = input {
                let conditions: Vec<_> = parameter
                    .attrs
                    .iter()
                    .filter(|attribute| attribute.path().is_ident("cfg"))
                    .cloned()
                    .collect();
                let mut bindings = Vec::new();
                collect_bindings(&parameter.pat, &mut bindings);
                arguments.extend(
                    bindings.into_iter().map(|binding| Argument { binding, conditions: conditions.clone() }),
                );
            }
        }
        arguments
    }
}

fn collect_bindings(pattern: &Pat, bindings: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(binding) => {
            bindings.push(binding.ident.clone());
            if let Some((_, inner)) = &binding.subpat {
                collect_bindings(inner, bindings);
            }
        }
        Pat::Paren(paren) => collect_bindings(&paren.pat, bindings),
        Pat::Reference(reference) => collect_bindings(&reference.pat, bindings),
        Pat::Slice(slice) => slice.elems.iter().for_each(|element| collect_bindings(element, bindings)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| collect_bindings(&field.pat, bindings)),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|element| collect_bindings(element, bindings)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|element| collect_bindings(element, bindings)),
        Pat::Type(typed) => collect_bindings(&typed.pat, bindings),
        _ => {}
    }
}
