//! The annotated function: a parsed signature, and a body that stays tokens.
//!
//! An unparsed body keeps half-typed code from becoming an error of the attribute, so editors keep completing.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::visit::Visit;
use syn::{
    Attribute, Error, FnArg, GenericArgument, Pat, PathArguments, PathSegment, Result, ReturnType, Signature,
    Token, Type, TypeImplTrait, TypeParamBound, TypePath, Visibility,
};

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// `#![…]` and `//!` at the top of the body: they are the function's.
    pub(crate) inner_attributes: Vec<Attribute>,
    pub(crate) body: Group,
}

/// The bounds that a future or stream in a span still has.
const KEPT: [&str; 8] = ["Future", "Stream", "Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe", "Debug"];

/// One name that the parameters bind.
pub(crate) struct Argument {
    pub(crate) binding: Ident,
    pub(crate) kind: Kind,
    /// The `cfg` attributes of its parameter: without the parameter there is nothing to capture.
    pub(crate) conditions: Vec<Attribute>,
}

/// The knowledge that the name of a type gives.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A primitive type, or a reference to one.
    Primitive,
    /// Data, and no lock.
    Data,
    /// Any type: the name tells nothing.
    Any,
}

/// The declared return type.
pub(crate) enum Returns {
    /// A type that can be named in the body.
    Named,
    /// `-> !`
    Never,
    /// A type with `impl Trait` in it, and the part of it that is followed.
    Opaque(Option<Box<Leaf>>),
}

/// A declared `impl Future` or `impl Stream`, at any depth of the return type.
pub(crate) enum Leaf {
    /// With the type of the output, if it is spelt out, and the part of that which is followed.
    Future(Option<Type>, Option<Box<Leaf>>),
    /// With the type of the items, if it is spelt out.
    Stream(Option<Type>),
    /// `Box<impl …>`
    Box(Box<Leaf>),
    /// `Pin<Box<impl …>>`
    PinBox(Box<Leaf>),
    /// `Name<impl …>`, for any other name.
    Within(Box<Leaf>),
}

impl Argument {
    /// The name in the payload.
    pub(crate) fn name(&self) -> String {
        self.binding.unraw().to_string()
    }

    /// Whether it is recorded. A leading underscore excludes an argument.
    pub(crate) fn is_recorded(&self) -> bool {
        !self.name().starts_with('_')
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let start = input.span();
        let item = input.fork();
        let signature: Signature = input.parse().map_err(|_| Error::new(start, not_a_function(&item)))?;
        if input.peek(Token![;]) {
            return Err(
                input.error("this function has no body to trace: put `#[span]` on its implementations")
            );
        }
        let mut body: TokenTree = input.parse()?;
        // A body from a `macro_rules!` fragment is in an invisible group.
        while let Some(inner) = within_invisible(&body) {
            body = inner;
        }
        match body {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
                let (inner_attributes, body) = without_inner_attributes(body)?;
                Ok(Self { attributes, visibility, signature, inner_attributes, body })
            }
            other => Err(Error::new(other.span(), "a function's body is expected here")),
        }
    }
}

/// The message for an item that is no function. Some have functions in them.
fn not_a_function(item: ParseStream<'_>) -> &'static str {
    let words = std::iter::from_fn(|| item.call(Ident::parse_any).ok());
    let has_functions = words.take(2).any(|word| word == "impl" || word == "trait");
    if has_functions {
        "`#[span]` goes on a function: put it on the methods one by one"
    } else {
        "`#[span]` goes on a function: put it on a `fn`"
    }
}

fn without_inner_attributes(body: Group) -> Result<(Vec<Attribute>, Group)> {
    let is_attribute = |tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '#');
    let mut start = body.stream().into_iter();
    let starts_with_one = start.next().is_some_and(is_attribute)
        && matches!(start.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
    if !starts_with_one {
        return Ok((Vec::new(), body));
    }
    let split = |input: ParseStream<'_>| Ok((Attribute::parse_inner(input)?, input.parse::<TokenStream>()?));
    let (attributes, statements) = split.parse2(body.stream())?;
    let mut rest = Group::new(Delimiter::Brace, statements);
    rest.set_span(body.span());
    Ok((attributes, rest))
}

fn within_invisible(tree: &TokenTree) -> Option<TokenTree> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => group.stream().into_iter().next(),
        _ => None,
    }
}

impl Function {
    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// Whether `Location::caller()` in the body has to be the caller's: a closure would be in its way.
    pub(crate) fn is_track_caller(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("track_caller"))
    }

    /// Whether the body runs under a guard and its value is not read.
    ///
    /// A closure around the body would change it: `Location::caller()` in a `#[track_caller]` function, and what the
    /// signature says of a closure that the function returns. Where such a function returns early, its value cannot be
    /// replaced either.
    pub(crate) fn needs_guard(&self) -> bool {
        let returns_closure = || match &self.signature.output {
            ReturnType::Type(_, returned) => match &**returned {
                Type::ImplTrait(opaque) => {
                    bounds(opaque).any(|bound| bound.ident.to_string().starts_with("Fn"))
                }
                _ => false,
            },
            ReturnType::Default => false,
        };
        let is_not_read = || matches!(self.returns(), Returns::Never | Returns::Opaque(Some(_)));
        !self.is_async() && (returns_closure() || self.is_track_caller() && is_not_read())
    }

    /// Whether the signature declares a stream that is not within a `Result`.
    pub(crate) fn returns_bare_stream(&self) -> bool {
        match &self.signature.output {
            ReturnType::Type(_, returned) => {
                matches!(&**returned, Type::ImplTrait(_))
                    && matches!(self.returns(), Returns::Opaque(Some(leaf)) if matches!(*leaf, Leaf::Stream(_)))
            }
            ReturnType::Default => false,
        }
    }

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
                let kind = kind(&parameter.ty);
                arguments.extend(bindings(&parameter.pat).into_iter().map(|binding| Argument {
                    binding,
                    kind,
                    conditions: conditions.clone(),
                }));
            }
        }
        arguments
    }

    /// Whether a name occurs anywhere in the body. A literal counts: it may be a format string that captures the name.
    pub(crate) fn uses(&self, name: &Ident) -> bool {
        uses(self.body.stream(), &name.unraw().to_string())
    }

    pub(crate) fn returns(&self) -> Returns {
        let ReturnType::Type(_, returned) = &self.signature.output else { return Returns::Named };
        match within_parentheses(returned) {
            Type::Never(_) => Returns::Never,
            returned if contains_opaque(returned) => Returns::Opaque(leaf(returned).map(Box::new)),
            _ => Returns::Named,
        }
    }
}

fn within_parentheses(mut of: &Type) -> &Type {
    while let Type::Paren(syn::TypeParen { elem, .. }) | Type::Group(syn::TypeGroup { elem, .. }) = of {
        of = elem;
    }
    of
}

/// The outermost declared future or stream. Of the types around it only boxes are known here; the compiler knows the others,
/// which may be containers or futures and streams themselves. Bounds other than
/// those in `KEPT` are promises that a wrapper would break, so such a type is left as it is.
fn leaf(of: &Type) -> Option<Leaf> {
    match within_parentheses(of) {
        Type::ImplTrait(opaque) => {
            let bounds: Vec<&PathSegment> = bounds(opaque).collect();
            let is_kept = |bound: &&PathSegment| KEPT.iter().any(|kept| bound.ident == kept);
            let of = |name: &str| bounds.iter().find(|bound| bound.ident == name).copied();
            match (of("Future"), of("Stream")) {
                _ if !bounds.iter().all(is_kept) => None,
                (Some(future), None) => {
                    let output = associated(future, "Output");
                    let within = output.as_ref().filter(|of| !is_other_name(of)).and_then(leaf).map(Box::new);
                    Some(Leaf::Future(output, within))
                }
                (None, Some(stream)) => Some(Leaf::Stream(associated(stream, "Item"))),
                _ => None,
            }
        }
        Type::Path(path) => {
            let segment = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
            let first = arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })?;
            let within = leaf(first)?;
            Some(match within {
                Leaf::Box(boxed) if segment.ident == "Pin" => Leaf::PinBox(boxed),
                within if segment.ident == "Box" => Leaf::Box(Box::new(within)),
                within => Leaf::Within(Box::new(within)),
            })
        }
        _ => None,
    }
}

/// Whether an output has a name that is no container's. There the name decides: it is the one place where the compiler cannot try
/// the type first and go on without.
fn is_other_name(of: &Type) -> bool {
    let Type::Path(path) = within_parentheses(of) else { return false };
    path.path.segments.last().is_some_and(|segment| {
        let name = segment.ident.to_string();
        !name.ends_with("Result") && !["Box", "Option", "Pin"].contains(&&*name)
    })
}

/// The last segments of the traits behind an `impl`.
fn bounds(opaque: &TypeImplTrait) -> impl Iterator<Item = &PathSegment> {
    opaque.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    })
}

fn contains_opaque(returned: &Type) -> bool {
    struct Opaque(bool);
    impl<'ast> Visit<'ast> for Opaque {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut opaque = Opaque(false);
    opaque.visit_type(returned);
    opaque.0
}

/// The type after `name =` in the arguments of a bound.
fn associated(bound: &PathSegment, name: &str) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &bound.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(associated) if associated.ident == name => Some(associated.ty.clone()),
        _ => None,
    })
}

/// The names that a pattern binds, in order.
pub(crate) fn bindings(pattern: &Pat) -> Vec<Ident> {
    let mut bindings = Vec::new();
    collect_bindings(pattern, &mut bindings);
    bindings
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

fn uses(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => uses(group.stream(), name),
        TokenTree::Ident(ident) => ident.unraw() == *name,
        TokenTree::Literal(literal) => literal.to_string().contains(name),
        TokenTree::Punct(_) => false,
    })
}

/// Whether a path is the name of a primitive type.
pub(crate) fn is_primitive(path: &TypePath) -> bool {
    const NAMES: [&str; 17] = [
        "str", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    path.path.get_ident().is_some_and(|name| NAMES.contains(&name.to_string().as_str()))
}

/// Reads the name of a type. No pattern takes a primitive value apart, so that what it binds is one.
///
/// A type of the program that has the name of a primitive one has to implement `Serialize`.
fn kind(of: &Type) -> Kind {
    match of {
        Type::Group(group) => kind(&group.elem),
        Type::Paren(parenthesised) => kind(&parenthesised.elem),
        Type::Reference(reference) => kind(&reference.elem),
        Type::Path(path) if is_primitive(path) => Kind::Primitive,
        of if is_data(of) => Kind::Data,
        _ => Kind::Any,
    }
}

/// Whether a type is a text, a number, a character or a `bool`, a reference to one, or a slice, a list or an option of them.
///
/// A pattern may take such a value apart, and what it binds is data too. Only the question whether it is a lock is left out: a type of the
/// program that is called `String`, `Vec` or `Option` is captured by the best of its traits.
fn is_data(of: &Type) -> bool {
    match of {
        Type::Group(group) => is_data(&group.elem),
        Type::Paren(parenthesised) => is_data(&parenthesised.elem),
        Type::Reference(reference) => is_data(&reference.elem),
        Type::Slice(slice) => is_data(&slice.elem),
        Type::Array(array) => is_data(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_data),
        Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(PathSegment { arguments: PathArguments::None, .. }) => {
                path.path.is_ident("String") || is_primitive(path)
            }
            Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(within) }) => {
                let is_data =
                    |argument: &GenericArgument| matches!(argument, GenericArgument::Type(of) if is_data(of));
                (ident == "Vec" || ident == "Option") && within.args.iter().all(is_data)
            }
            _ => false,
        },
        _ => false,
    }
}
