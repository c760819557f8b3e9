//! The grammar of the attribute: a schema name, then options.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, parenthesized};

use crate::nearest::nearest;

const OPTIONS: [&str; 18] = [
    "skip",
    "skip_all",
    "fields",
    "debug",
    "display",
    "with",
    "rename",
    "redact",
    "ret",
    "err",
    "fail_when",
    "parent",
    "instance",
    "client",
    "root",
    "name",
    "crate",
    "boxed",
];

/// What was written between the parentheses.
pub(crate) struct Args {
    pub(crate) schema_name: LitStr,
    pub(crate) options: Options,
}

/// Everything after the schema name.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) skip: Vec<Ident>,
    pub(crate) skip_all: Option<Span>,
    pub(crate) fields: Vec<Field>,
    pub(crate) respelt: Vec<(Ident, Spelling)>,
    pub(crate) renamed: Vec<(Ident, LitStr)>,
    pub(crate) ret: Option<(Span, Report)>,
    pub(crate) err: Option<(Span, Report)>,
    /// `err(items)`
    pub(crate) items: Option<Span>,
    pub(crate) fail_when: Option<Expr>,
    pub(crate) place: Option<(Span, Place)>,
    pub(crate) name: Option<LitStr>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) boxed: Option<(Span, Boxed)>,
}

/// One of `fields(…)`.
pub(crate) struct Field {
    pub(crate) key: LitStr,
    pub(crate) spelling: Spelling,
    pub(crate) value: Expr,
}

/// How one value is captured.
pub(crate) enum Spelling {
    /// By the best trait that its type has.
    Best,
    Debug,
    Display,
    With(Path),
    Redact,
}

/// What is recorded of a returned value or error.
pub(crate) enum Report {
    /// The word alone: the default, and a demand that there is one.
    Required,
    Skip,
    Debug,
    With(Path),
}

/// What the box of a future promises.
pub(crate) enum Boxed {
    Send,
    /// `boxed(local)`
    Local,
}

/// Where the span goes.
pub(crate) enum Place {
    Parent(Expr),
    Instance(Expr),
    Client(Expr),
    Root,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let schema_name = schema_name(input)?;
        let mut options = Options::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key = input.call(Ident::parse_any)?;
            if seen.contains(&key) {
                return Err(Error::new(key.span(), format!("`{key}` is given twice: remove one of them")));
            }
            options.parse(&key, input)?;
            seen.push(key);
        }
        Ok(Self { schema_name, options })
    }
}

fn schema_name(input: ParseStream<'_>) -> Result<LitStr> {
    const EXAMPLE: &str = r#"write `#[span("agent:llm_call")]`"#;
    if input.is_empty() {
        return Err(Error::new(Span::call_site(), format!("the span needs a schema name: {EXAMPLE}")));
    }
    input
        .parse()
        .map_err(|_| input.error(format!("the schema name comes first, as a string literal: {EXAMPLE}")))
}

impl Options {
    fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "skip" => self.skip = list(key, "a, b", input, Ident::parse_any)?,
            "skip_all" => self.skip_all = Some(key.span()),
            "fields" => self.fields = list(key, "key = expression", input, Field::parse)?,
            "debug" => self.respell(key, input, || Spelling::Debug)?,
            "display" => self.respell(key, input, || Spelling::Display)?,
            "redact" => self.respell(key, input, || Spelling::Redact)?,
            "with" => self.respelt.extend(
                list(key, "a = path::to::function", input, pair)?
                    .into_iter()
                    .map(|(argument, path)| (argument, Spelling::With(path))),
            ),
            "rename" => self.renamed = list(key, "a = \"name\"", input, pair)?,
            "ret" => self.ret = report(key, input)?,
            "err" => self.parse_err(key, input)?,
            "fail_when" => self.fail_when = Some(value(key, "|value| value.is_empty()", input)?),
            "parent" => self.place(key, Place::Parent(value(key, "&span", input)?))?,
            "instance" => self.place(key, Place::Instance(value(key, "&instance", input)?))?,
            "client" => self.place(key, Place::Client(value(key, "&client", input)?))?,
            "root" => self.place(key, Place::Root)?,
            "name" => self.name = Some(value(key, "\"Ask the model\"", input)?),
            "crate" => {
                input.parse::<Token![=]>()?;
                self.crate_path = Some(Path::parse_mod_style(input)?);
            }
            "boxed" => self.boxed = Some((key.span(), boxed(input)?)),
            unknown => return Err(unknown_option(key, unknown)),
        }
        Ok(())
    }

    fn respell(&mut self, key: &Ident, input: ParseStream<'_>, spelling: fn() -> Spelling) -> Result<()> {
        let arguments = list(key, "a, b", input, Ident::parse_any)?;
        self.respelt.extend(arguments.into_iter().map(|argument| (argument, spelling())));
        Ok(())
    }

    fn parse_err(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let ahead = input.fork();
        if ahead.peek(syn::token::Paren) {
            let inner;
            parenthesized!(inner in ahead);
            if inner.call(Ident::parse_any).is_ok_and(|word| word == "items") && inner.is_empty() {
                list(key, "items", input, Ident::parse_any)?;
                self.items = Some(key.span());
                return Ok(());
            }
        }
        self.err = report(key, input)?;
        Ok(())
    }

    fn place(&mut self, key: &Ident, place: Place) -> Result<()> {
        if self.place.is_some() {
            let message = "the span has one place: keep one of `parent`, `instance`, `client` and `root`";
            return Err(Error::new(key.span(), message));
        }
        self.place = Some((key.span(), place));
        Ok(())
    }
}

impl Field {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = if input.peek(LitStr) {
            input.parse()?
        } else {
            // As in `tracing`, a key may have dots.
            let parts =
                Punctuated::<Ident, Token![.]>::parse_separated_nonempty_with(input, Ident::parse_any)?;
            let text: Vec<String> = parts.iter().map(|part| part.unraw().to_string()).collect();
            LitStr::new(&text.join("."), parts[0].span())
        };
        if !input.peek(Token![=]) {
            let message = format!("a field needs a value: write `{} = expression`", key.value());
            return Err(Error::new(key.span(), message));
        }
        input.parse::<Token![=]>()?;
        let spelling = if input.parse::<Option<Token![%]>>()?.is_some() {
            Spelling::Display
        } else if input.parse::<Option<Token![?]>>()?.is_some() {
            Spelling::Debug
        } else {
            Spelling::Best
        };
        Ok(Self { key, spelling, value: input.parse()? })
    }
}

fn report(key: &Ident, input: ParseStream<'_>) -> Result<Option<(Span, Report)>> {
    if !input.peek(syn::token::Paren) {
        return Ok(Some((key.span(), Report::Required)));
    }
    let inner;
    parenthesized!(inner in input);
    let word = inner.call(Ident::parse_any)?;
    let report = match word.to_string().as_str() {
        "skip" => Report::Skip,
        // `Debug` is how `tracing` spells it.
        "debug" | "Debug" => Report::Debug,
        "with" => Report::With(value(&word, "path::to::function", &inner)?),
        _ => {
            let message = format!("`{key}` takes `skip`, `debug` or `with = path`, not `{word}`");
            return Err(Error::new(word.span(), message));
        }
    };
    if !inner.is_empty() {
        return Err(inner.error(format!("`{key}` takes one word: remove the rest")));
    }
    Ok(Some((key.span(), report)))
}

fn boxed(input: ParseStream<'_>) -> Result<Boxed> {
    if !input.peek(syn::token::Paren) {
        return Ok(Boxed::Send);
    }
    let inner;
    parenthesized!(inner in input);
    let word = inner.call(Ident::parse_any)?;
    if word == "local" && inner.is_empty() {
        return Ok(Boxed::Local);
    }
    Err(Error::new(word.span(), "`boxed` takes nothing, or `local` for a future that stays on its thread"))
}

fn pair<T: Parse>(input: ParseStream<'_>) -> Result<(Ident, T)> {
    let argument = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok((argument, input.parse()?))
}

fn value<T: Parse>(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<T> {
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), format!("`{key}` needs a value: write `{key} = {example}`")));
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    input
        .parse()
        .map_err(|_| Error::new(at, format!("this is no value for `{key}`: write `{key} = {example}`")))
}

fn list<T>(
    key: &Ident,
    example: &str,
    input: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let empty = || Error::new(key.span(), format!("`{key}` needs a list: write `{key}({example})`"));
    if !input.peek(syn::token::Paren) {
        return Err(empty());
    }
    let inner;
    parenthesized!(inner in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated_with(&inner, item)?;
    if items.is_empty() { Err(empty()) } else { Ok(items.into_iter().collect()) }
}

fn unknown_option(key: &Ident, unknown: &str) -> Error {
    let cure = match nearest(unknown, OPTIONS) {
        Some(option) => format!("did you mean `{option}`?"),
        None => format!("the options are {}", OPTIONS.map(|option| format!("`{option}`")).join(", ")),
    };
    Error::new(key.span(), format!("unknown option `{unknown}`: {cure}"))
}
