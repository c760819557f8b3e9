//! The grammar of the attribute: a schema name, then options.

mod field;
mod forms;
mod part;
mod returned;
mod schema;
mod schema_name;
mod stream_rules;
mod syntax;
#[cfg(test)]
mod tests;

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, LitStr, Path, Result, parenthesized};

pub(crate) use self::field::{CaptureMode, Field};
use self::forms::Form;
use self::part::{Callable, Module};
pub(crate) use self::returned::{ItemsMode, RecordMode};
use self::returned::{Recorded, record_mode};
pub(crate) use self::schema::{CLASSIFICATION, Exact, Risk, RiskOf, SchemaOptions};
pub(crate) use self::stream_rules::StreamRules;
use self::syntax::{after_option, list, names, pairs, value, word};

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
        let schema_name = schema_name::parse(input)?;
        let mut options = Options::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let key = schema_name::option_word(schema_name.as_ref(), seen.first(), input)?;
            let form = Form::of(&key)?;
            if seen.contains(&key) {
                return Err(form.twice());
            }
            options.parse(&form, input)?;
            after_option(&form, input)?;
            seen.push(key);
        }
        Ok(Self { schema_name, options })
    }
}

impl Options {
    fn parse(&mut self, form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
        let key = form.word;
        match key.to_string().as_str() {
            "skip" => self.skip = names(form, input)?,
            "skip_all" => self.skip_all = true,
            "fields" => self.fields = list(form, input, |input| Field::parse(form, input))?,
            "debug" => self.add_capture_mode(form, input, || CaptureMode::Debug)?,
            "display" => self.add_capture_mode(form, input, || CaptureMode::Display)?,
            "redact" => self.add_capture_mode(form, input, || CaptureMode::Redact)?,
            "sensitive" => self.add_capture_mode(form, input, || CaptureMode::Sensitive)?,
            "with" => {
                let functions = pairs(form, &|argument| form.function_of(argument), input)?;
                let modes = functions.into_iter().map(|(argument, path)| (argument, CaptureMode::With(path)));
                self.capture_modes.extend(modes);
            }
            "rename" => self.renamed = pairs(form, &|argument| form.name_of(argument), input)?,
            "ret" => self.parse_ret(form, input)?,
            "err" => self.parse_err(form, input)?,
            "fail_when" => {
                let Callable(closure) = value(form, input)?;
                self.fail_when = Some(closure);
            }
            "usage" => self.usage = Some((key.span(), usage(form, input)?)),
            "stream" => self.stream = Some(StreamRules::parse(form, input)?),
            "parent" => self.set_parent(key, ParentOption::Parent(value(form, input)?))?,
            "instance" => self.set_parent(key, ParentOption::Instance(value(form, input)?))?,
            "client" => self.set_parent(key, ParentOption::Client(value(form, input)?))?,
            "root" => self.set_parent(key, ParentOption::Root)?,
            "name" => self.name = Some(value(form, input)?),
            "crate" => {
                let Module(path) = value(form, input)?;
                self.crate_path = Some(path);
            }
            "boxed" => self.boxed = Some((key.span(), boxed(form, input)?)),
            _ => self.schema.parse(form, input)?,
        }
        Ok(())
    }

    fn add_capture_mode(
        &mut self,
        form: &Form<'_>,
        input: ParseStream<'_>,
        mode: fn() -> CaptureMode,
    ) -> Result<()> {
        let arguments = names(form, input)?;
        self.capture_modes.extend(arguments.into_iter().map(|argument| (argument, mode())));
        Ok(())
    }

    fn parse_ret(&mut self, form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
        match record_mode(form, input, |word, inner| {
            Ok(Some(match word.to_string().as_str() {
                "items" => ItemsMode::List,
                "fold" => ItemsMode::Fold(value(&form.function(word), inner)?),
                _ => return Ok(None),
            }))
        })? {
            Recorded::Value(mode) => self.ret = Some((form.word.span(), mode)),
            Recorded::Other(mode) => self.items = Some((form.word.span(), mode)),
        }
        Ok(())
    }

    fn parse_err(&mut self, form: &Form<'_>, input: ParseStream<'_>) -> Result<()> {
        match record_mode(form, input, |word, _| Ok((word == "items").then_some(())))? {
            Recorded::Value(mode) => self.err = Some((form.word.span(), mode)),
            Recorded::Other(()) => self.err_items = Some(form.word.span()),
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

fn boxed(form: &Form<'_>, input: ParseStream<'_>) -> Result<Boxed> {
    if !input.peek(syn::token::Paren) {
        return Ok(Boxed::Send);
    }
    let inner;
    parenthesized!(inner in input);
    let word = word(form, &inner)?;
    if word == "local" && inner.is_empty() {
        return Ok(Boxed::Local);
    }
    let message = format!("`boxed` takes {}, not `{word}`: {}", form.wanted, form.example());
    Err(Error::new(word.span(), message))
}

/// The value of `usage`.
fn usage(form: &Form<'_>, input: ParseStream<'_>) -> Result<Path> {
    let message = "`usage` needs a function that returns a `Usage`: use `usage(with = path::to::function)`";
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(form.word.span(), message));
    }
    let inner;
    parenthesized!(inner in input);
    let word = word(form, &inner).map_err(|error| Error::new(error.span(), message))?;
    if word != "with" {
        return Err(Error::new(word.span(), message));
    }
    let path = value(&form.of_word(&word), &inner)?;
    if inner.is_empty() { Ok(path) } else { Err(inner.error("`usage` needs one function: remove the rest")) }
}
