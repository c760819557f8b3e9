//! Reads the shape of a type's JSON off its tokens.
//!
//! Only names of the standard library count, and only whole types that are known to implement `Serialize`: a list of anything
//! else may be recorded by its `Debug`, as a text. A path that begins in a module of the program's own is not read.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, GenericArgument, Lit, Path, PathArguments, PathSegment, Type};

/// The JSON of a type's values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Not known.
    Anything,
    Null,
    Bool,
    Integer,
    Unsigned,
    /// An integer of 128 bits, which is written as a text of digits where 64 do not hold it.
    BigInteger,
    Number,
    Text,
    /// Any object.
    Object,
    /// Known to be captured by `Serialize`, as its content.
    Json,
    Optional(Box<Shape>),
    List(Box<Shape>),
    Tuple(Vec<Shape>),
    Map(Box<Shape>),
}

/// Lists that serde implements `Serialize` for.
const MAX_ARRAY: usize = 32;
/// Tuples likewise.
const MAX_TUPLE: usize = 16;

/// The shape of a type's values, where `generics` are names that stand for types of the caller's choice.
pub(crate) fn of(of: &Type, generics: &[Ident]) -> Shape {
    match of {
        Type::Paren(inner) => self::of(&inner.elem, generics),
        Type::Group(inner) => self::of(&inner.elem, generics),
        Type::Reference(inner) => self::of(&inner.elem, generics),
        Type::Slice(slice) => self::of(&slice.elem, generics).within(Shape::List),
        Type::Array(array) => match &array.len {
            Expr::Lit(ExprLit { lit: Lit::Int(len), .. })
                if len.base10_parse::<usize>().is_ok_and(|len| len <= MAX_ARRAY) =>
            {
                self::of(&array.elem, generics).within(Shape::List)
            }
            _ => Shape::Anything,
        },
        Type::Tuple(tuple) if tuple.elems.is_empty() => Shape::Null,
        Type::Tuple(tuple) => {
            let shapes: Vec<_> = tuple.elems.iter().map(|of| self::of(of, generics)).collect();
            let is_known = shapes.len() <= MAX_TUPLE && !shapes.contains(&Shape::Anything);
            if is_known { Shape::Tuple(shapes) } else { Shape::Anything }
        }
        Type::Path(path) if path.qself.is_none() => of_path(&path.path, generics),
        _ => Shape::Anything,
    }
}

/// The type in a `Result`, else the type itself.
pub(crate) fn success(of: &Type) -> &Type {
    let Type::Path(path) = of else { return of };
    match path.path.segments.last() {
        Some(segment) if segment.ident == "Result" => first(segment).unwrap_or(of),
        _ => of,
    }
}

fn of_path(path: &Path, generics: &[Ident]) -> Shape {
    let Some(last) = path.segments.last() else { return Shape::Anything };
    let is_std = ["std", "core", "alloc"].iter().any(|root| path.segments[0].ident == root);
    let is_of = |root: &str| path.segments.len() == 2 && path.segments[0].ident == root;
    let name = last.ident.to_string();
    match &*name {
        "Value" if is_of("serde_json") => return Shape::Json,
        "Map" if is_of("serde_json") => return Shape::Object,
        "Sensitive" if is_of("prefactor") => return argument(last, 0, generics),
        _ if path.segments.len() > 1 && !is_std || generics.contains(&last.ident) => return Shape::Anything,
        _ => {}
    }
    match (&*name, &last.arguments) {
        ("bool", PathArguments::None) => Shape::Bool,
        ("str" | "String" | "char" | "Path" | "PathBuf", PathArguments::None) => Shape::Text,
        ("u8" | "u16" | "u32" | "u64" | "usize", PathArguments::None) => Shape::Unsigned,
        ("i8" | "i16" | "i32" | "i64" | "isize", PathArguments::None) => Shape::Integer,
        ("i128" | "u128", PathArguments::None) => Shape::BigInteger,
        ("f32" | "f64", PathArguments::None) => Shape::Number,
        ("Box" | "Cow", _) => argument(last, 0, generics),
        // A macro cannot see serde's feature `rc`, without which these values are recorded by `Debug`.
        ("Arc" | "Rc", _) => match argument(last, 0, generics) {
            Shape::Text => Shape::Text,
            _ => Shape::Anything,
        },
        ("Option", _) => argument(last, 0, generics).within(Shape::Optional),
        ("Vec" | "VecDeque" | "LinkedList" | "BinaryHeap" | "HashSet" | "BTreeSet", _) => {
            argument(last, 0, generics).within(Shape::List)
        }
        ("HashMap" | "BTreeMap", _) => match argument(last, 0, generics) {
            Shape::Text | Shape::Integer | Shape::Unsigned => argument(last, 1, generics).within(Shape::Map),
            _ => Shape::Anything,
        },
        _ => Shape::Anything,
    }
}

impl Shape {
    /// A shape around a known one.
    fn within(self, around: fn(Box<Self>) -> Self) -> Self {
        if self == Self::Anything { self } else { around(Box::new(self)) }
    }
}

fn argument(segment: &PathSegment, index: usize, generics: &[Ident]) -> Shape {
    types(segment).nth(index).map_or(Shape::Anything, |argument| of(argument, generics))
}

fn first(segment: &PathSegment) -> Option<&Type> {
    types(segment).next()
}

fn types(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        format!("{:?}", of(&syn::parse_str(text).unwrap(), &[syn::parse_str("T").unwrap()]))
    }

    #[test]
    fn types_of_the_standard_library_are_read() {
        for (of, expected) in [
            ("&'a str", "Text"),
            ("std::string::String", "Text"),
            ("&mut u64", "Unsigned"),
            ("i128", "BigInteger"),
            ("()", "Null"),
            ("Option<&[f64]>", "Optional(List(Number))"),
            ("[u8; 32]", "List(Unsigned)"),
            ("(bool, Vec<String>)", "Tuple([Bool, List(Text)])"),
            ("HashMap<String, serde_json::Value>", "Map(Json)"),
            ("std::collections::BTreeMap<u32, Vec<i64>>", "Map(List(Integer))"),
            ("serde_json::Map<String, serde_json::Value>", "Object"),
            ("Cow<'_, str>", "Text"),
            ("Arc<str>", "Text"),
            ("Box<[u8]>", "List(Unsigned)"),
        ] {
            assert_eq!(shape(of), expected, "{of}");
        }
    }

    #[test]
    fn type_captured_by_debug_has_no_shape() {
        for of in [
            "T",
            "Vec<T>",
            "Option<Message>",
            "my::String",
            "Value",
            "Arc<u64>",
            "[u8; 33]",
            "[u8; N]",
            "(bool, Message)",
            "HashMap<Key, String>",
            "impl Into<String>",
            "dyn Error",
            "fn(u8) -> u8",
            "Self",
            "<A as B>::String",
            "Mutex<String>",
        ] {
            assert_eq!(shape(of), "Anything", "{of}");
        }
    }

    #[test]
    fn success_is_what_is_in_a_result() {
        for (of, expected) in [
            ("anyhow::Result<u8>", "u8"),
            ("Result<String, E>", "String"),
            ("Result", "Result"),
            ("u8", "u8"),
        ] {
            let of: Type = syn::parse_str(of).unwrap();
            assert_eq!(*success(&of), syn::parse_str::<Type>(expected).unwrap());
        }
    }
}
