//! The parts that options consist of, and what is said where something else is written.

use proc_macro2::{Delimiter, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Path, Result, Token, Type};

use super::forms::{Form, Kind};

/// A part of an option that ends at a comma.
pub(super) trait Part: Sized {
    /// Whether only some words will do.
    const IS_WORD: bool = false;

    fn parse_part(input: ParseStream<'_>) -> Result<Self>;

    /// The right form of what is written, if it is known.
    fn meant(written: &Expr) -> Option<String> {
        match written {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                text.parse_with(Self::parse_part).is_ok().then(|| text.value().trim().to_owned())
            }
            _ => None,
        }
    }
}

/// A name, which may be a keyword.
impl Part for Ident {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.call(Self::parse_any)
    }
}

/// A word of the grammar, or a name that more follows.
pub(super) struct Word(pub(super) Ident);

impl Part for Word {
    const IS_WORD: bool = true;

    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.call(Ident::parse_any).map(Self)
    }
}

/// A path of a function.
impl Part for Path {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.parse()
    }
}

impl Part for Type {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.parse()
    }
}

impl Part for Expr {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.parse()
    }
}

impl Part for LitStr {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        input.parse()
    }

    fn meant(written: &Expr) -> Option<String> {
        match written {
            Expr::Path(path) => path.path.get_ident().map(|name| format!("\"{}\"", name.unraw())),
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
                Some(format!("\"{}\"", number.base10_digits()))
            }
            _ => None,
        }
    }
}

/// A path of a module.
pub(super) struct Module(pub(super) Path);

impl Part for Module {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        Path::parse_mod_style(input).map(Self)
    }
}

/// An expression that can be called: any but a literal.
pub(super) struct Callable(pub(super) Expr);

impl Part for Callable {
    fn parse_part(input: ParseStream<'_>) -> Result<Self> {
        match input.parse()? {
            Expr::Lit(_) => Err(input.error("a literal cannot be called")),
            callable => Ok(Self(callable)),
        }
    }
}

/// Parses a part. Where something else is written, the error says what, and how the option is written.
pub(super) fn part<T: Part>(form: &Form<'_>, input: ParseStream<'_>) -> Result<T> {
    let ahead = input.fork();
    if let Ok(part) = T::parse_part(&ahead) {
        // What is behind a whole expression is not of this part.
        if is_over(&ahead) || !is_whole(input) {
            input.advance_to(&ahead);
            return Ok(part);
        }
    }
    Err(unexpected::<T>(form, input))
}

/// An error for what stands in the place of a part.
pub(super) fn unexpected<T: Part>(form: &Form<'_>, input: ParseStream<'_>) -> Error {
    if is_over(input) {
        return form.error(if form.kind == Kind::Words {
            "has nothing in its parentheses"
        } else {
            "needs a value"
        });
    }
    let written = input.fork().parse::<Expr>().ok().filter(|_| is_whole(input));
    let meant = written.as_ref().and_then(T::meant);
    let cure = match meant.filter(|meant| !T::IS_WORD || form.has_word(meant)) {
        Some(meant) => format!("use `{}`", form.with(&meant)),
        None => form.example(),
    };
    let (subject, found) = (form.subject(), found(input));
    Error::new(input.span(), format!("`{subject}` takes {}, not {found}: {cure}", form.wanted))
}

/// The comma after a part, or the end.
pub(super) fn comma(form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(missing_comma(input, &form.example()))
}

pub(super) fn missing_comma(input: ParseStream<'_>, example: &str) -> Error {
    input.error(format!("a comma is missing before {}: {example}", found(input)))
}

/// Whether a part ends here.
pub(super) fn is_over(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// Whether one expression stands before the next comma.
fn is_whole(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Expr>().is_ok() && is_over(&ahead)
}

/// Describes the written part in words.
pub(super) fn found(input: ParseStream<'_>) -> String {
    match input.fork().parse() {
        Ok(expression) => described(&expression),
        Err(_) => match input.fork().parse::<TokenTree>() {
            Ok(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "parentheses".to_owned(),
                Delimiter::Bracket => "brackets".to_owned(),
                _ => "braces".to_owned(),
            },
            Ok(token) => format!("`{token}`"),
            Err(_) => "the end".to_owned(),
        },
    }
}

fn described(expression: &Expr) -> String {
    let words = match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(_) => "a text in quotes",
            Lit::Int(_) | Lit::Float(_) => "a number",
            Lit::Bool(word) => return format!("`{}`", word.value),
            _ => "a literal",
        },
        Expr::Path(path) => match path.path.get_ident() {
            Some(name) => return format!("`{name}`"),
            None => "a path",
        },
        Expr::Assign(pair) if matches!(*pair.left, Expr::Lit(_)) => return described(&pair.left),
        Expr::Assign(_) => "a name with a value",
        Expr::Block(_) => "braces",
        Expr::Array(_) => "brackets",
        Expr::Tuple(_) | Expr::Paren(_) => "parentheses",
        Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_) => "a call",
        Expr::Closure(_) => "a closure",
        Expr::Field(_) => "a field",
        Expr::Reference(_) => "a reference",
        _ => "an expression",
    };
    words.to_owned()
}
