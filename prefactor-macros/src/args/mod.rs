//! The grammar of the attribute: a schema name, then options.

mod field;
mod returned;
mod schema;
mod stream_rules;
mod syntax;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, parenthesized};

pub(crate) use self::field::{CaptureMode, Field};
pub(crate) use self::returned::{ItemsMode, RecordMode};
use self::returned::{Recorded, record_mode};
pub(crate) use self::schema::{CLASSIFICATION, Exact, Risk, RiskOf, SchemaOptions};
pub(crate) use self::stream_rules::StreamRules;
use self::syntax::{list, value};
use crate::suggest::suggest;

const OPTIONS: [&str; 26] = [
    "skip",
    "skip_all",
    "fields",
    "debug",
    "display",
    "with",
    "rename",
    "redact",
    "sensitive",
    "ret",
    "err",
    "fail_when",
    "usage",
    "stream",
    "parent",
    "instance",
    "client",
    "root",
    "name",
    "crate",
    "boxed",
    "title",
    "template",
    "risk",
    "schemars",
    "result_members",
];

/// The tokens between the attribute's parentheses.
pub(crate) struct Args {
    /// Without one, the function's path names the schema.
    pub(crate) schema_name: Option<LitStr>,
    pub(crate) options: Options,
}

/// Everything after the schema name.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) skip: Vec<Ident>,
    pub(crate) skip_all: bool,
    pub(crate) fields: Vec<Field>,
    /// `debug`, `display`, `with`, `redact` and `sensitive`
    pub(crate) capture_modes: Vec<(Ident, CaptureMode)>,
    pub(crate) renamed: Vec<(Ident, LitStr)>,
    pub(crate) ret: Option<(Span, RecordMode)>,
    /// `err(items)`: nothing but a requirement that there is a stream.
    pub(crate) err_items: Option<Span>,
    /// `ret(items)`, `ret(fold = path)`
    pub(crate) items: Option<(Span, ItemsMode)>,
    pub(crate) err: Option<(Span, RecordMode)>,
    pub(crate) fail_when: Option<Expr>,
    /// `usage(with = path)`
    pub(crate) usage: Option<(Span, Path)>,
    pub(crate) stream: Option<StreamRules>,
    pub(crate) parent: Option<ParentOption>,
    pub(crate) name: Option<LitStr>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) boxed: Option<(Span, Boxed)>,
    pub(crate) schema: SchemaOptions,
}

/// The bounds of a future's box.
pub(crate) enum Boxed {
    Send,
    /// `boxed(local)`
    Local,
}

/// Where the span goes.
pub(crate) enum ParentOption {
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
        let mut is_first = schema_name.is_none();
        while !input.is_empty() {
            if !std::mem::take(&mut is_first) {
                input.parse::<Token![,]>()?;
            }
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

/// The literal at the beginning. Options may stand alone.
fn schema_name(input: ParseStream<'_>) -> Result<Option<LitStr>> {
    let ahead = input.fork();
    let is_option =
        ahead.call(Ident::parse_any).is_ok_and(|word| OPTIONS.iter().any(|option| word == option));
    if input.is_empty() || is_option {
        return Ok(None);
    }
    let message = r#"the schema name must be a string literal: use e.g. `#[span("agent:llm_call")]`"#;
    input.parse().map(Some).map_err(|_| input.error(message))
}

impl Options {
    fn parse(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "skip" => self.skip = list(key, "a, b", input, Ident::parse_any)?,
            "skip_all" => self.skip_all = true,
            "fields" => self.fields = list(key, "key = expression", input, Field::parse)?,
            "debug" => self.add_capture_mode(key, input, || CaptureMode::Debug)?,
            "display" => self.add_capture_mode(key, input, || CaptureMode::Display)?,
            "redact" => self.add_capture_mode(key, input, || CaptureMode::Redact)?,
            "sensitive" => self.add_capture_mode(key, input, || CaptureMode::Sensitive)?,
            "with" => self.capture_modes.extend(
                list(key, "a = path::to::function", input, pair)?
                    .into_iter()
                    .map(|(argument, path)| (argument, CaptureMode::With(path))),
            ),
            "rename" => self.renamed = list(key, "a = \"name\"", input, pair)?,
            "ret" => self.parse_ret(key, input)?,
            "err" => self.parse_err(key, input)?,
            "fail_when" => self.fail_when = Some(value(key, "|value| value.is_empty()", input)?),
            "usage" => self.usage = Some((key.span(), usage(key, input)?)),
            "stream" => self.stream = Some(StreamRules::parse(key, input)?),
            "parent" => self.set_parent(key, ParentOption::Parent(value(key, "&span", input)?))?,
            "instance" => self.set_parent(key, ParentOption::Instance(value(key, "&instance", input)?))?,
            "client" => self.set_parent(key, ParentOption::Client(value(key, "&client", input)?))?,
            "root" => self.set_parent(key, ParentOption::Root)?,
            "name" => self.name = Some(value(key, "\"Ask the model\"", input)?),
            "crate" => {
                input.parse::<Token![=]>()?;
                self.crate_path = Some(Path::parse_mod_style(input)?);
            }
            "boxed" => self.boxed = Some((key.span(), boxed(input)?)),
            _ if self.schema.parse(key, input)? => {}
            unknown => return Err(unknown_option(key, unknown)),
        }
        Ok(())
    }

    fn add_capture_mode(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        mode: fn() -> CaptureMode,
    ) -> Result<()> {
        let arguments = list(key, "a, b", input, Ident::parse_any)?;
        self.capture_modes.extend(arguments.into_iter().map(|argument| (argument, mode())));
        Ok(())
    }

    fn parse_ret(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let words = "`skip`, `debug`, `with = path`, or for streams `items` or `fold = path`";
        match record_mode(key, words, input, |word, inner| {
            Ok(Some(match word.to_string().as_str() {
                "items" => ItemsMode::List,
                "fold" => ItemsMode::Fold(value(word, "path::to::function", inner)?),
                _ => return Ok(None),
            }))
        })? {
            Recorded::Value(mode) => self.ret = Some((key.span(), mode)),
            Recorded::Other(mode) => self.items = Some((key.span(), mode)),
        }
        Ok(())
    }

    fn parse_err(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let words = "`skip`, `debug` or `with = path`";
        match record_mode(key, words, input, |word, _| Ok((word == "items").then_some(())))? {
            Recorded::Value(mode) => self.err = Some((key.span(), mode)),
            Recorded::Other(()) => self.err_items = Some(key.span()),
        }
        Ok(())
    }

    fn set_parent(&mut self, key: &Ident, parent: ParentOption) -> Result<()> {
        if self.parent.is_some() {
            let message = "a span has one parent: use only one of `parent`, `instance`, `client` and `root`";
            return Err(Error::new(key.span(), message));
        }
        self.parent = Some(parent);
        Ok(())
    }

    /// Whether an option looks at the returned value.
    pub(crate) fn looks_at_value(&self) -> bool {
        self.ret.is_some() || self.err.is_some() || self.fail_when.is_some() || self.usage.is_some()
    }

    /// The first option that looks at the items of a stream.
    pub(crate) fn looks_at_items(&self) -> Option<Span> {
        let items = self.items.as_ref().map(|(at, _)| *at);
        let rule = self.stream.as_ref().and_then(StreamRules::span);
        items.or(rule).or(self.err_items)
    }
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
    Err(Error::new(
        word.span(),
        "`boxed` needs no argument, or `local` for a future that stays on its thread: use `boxed(local)`",
    ))
}

/// The value of `usage`.
fn usage(key: &Ident, input: ParseStream<'_>) -> Result<Path> {
    let message = "`usage` needs a function that returns a `Usage`: use `usage(with = path::to::function)`";
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(key.span(), message));
    }
    let inner;
    parenthesized!(inner in input);
    let word = inner.call(Ident::parse_any).map_err(|_| Error::new(key.span(), message))?;
    if word != "with" {
        return Err(Error::new(word.span(), message));
    }
    let path = value(&word, "path::to::function", &inner)?;
    if inner.is_empty() { Ok(path) } else { Err(inner.error("`usage` needs one function: remove the rest")) }
}

fn pair<T: Parse>(input: ParseStream<'_>) -> Result<(Ident, T)> {
    let argument = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok((argument, input.parse()?))
}

fn unknown_option(key: &Ident, unknown: &str) -> Error {
    let cure = match suggest(unknown, OPTIONS) {
        Some(option) => format!("did you mean `{option}`?"),
        None => format!("the options are {}", OPTIONS.map(|option| format!("`{option}`")).join(", ")),
    };
    Error::new(key.span(), format!("unknown option `{unknown}`: {cure}"))
}
