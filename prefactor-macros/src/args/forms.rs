//! The written form of each option. Every error of the grammar quotes it.

use std::borrow::Cow;

use syn::{Error, Ident};

use self::Kind::{Alone, List, Value, Words};
use crate::suggest::suggest;

/// The text after the word of an option.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No text.
    Alone,
    /// A list in parentheses.
    List,
    /// Nothing, or words in parentheses.
    Words,
    /// One value.
    Value,
}

/// An option, or a part of one, with a good value.
#[derive(Clone)]
pub(super) struct Form<'a> {
    /// The word before the value.
    pub(super) word: &'a Ident,
    /// The option, where the word is an argument in its list.
    option: Option<&'static str>,
    pub(super) kind: Kind,
    /// The whole option, with `{}` in the place of the value.
    frame: Cow<'static, str>,
    /// The kind of the value, in words.
    pub(super) wanted: &'static str,
    value: &'static str,
    /// Another option for what this one cannot do.
    instead: Option<String>,
}

const FUNCTION: &str = "path::to::function";
const A_FUNCTION: &str = "the path of a function";
const ARGUMENTS: &str = "names of arguments";
const TEXT: &str = "a text in quotes";

#[rustfmt::skip]
pub(super) const FORMS: [(&str, Kind, &str, &str, &str); 26] = [
    ("skip", List, "skip({})", ARGUMENTS, "a, b"),
    ("skip_all", Alone, "skip_all", "nothing", ""),
    ("fields", List, "fields({})", "names with values", "key = expression"),
    ("debug", List, "debug({})", ARGUMENTS, "a, b"),
    ("display", List, "display({})", ARGUMENTS, "a, b"),
    ("with", List, "with({})", ARGUMENTS, "a = path::to::function"),
    ("rename", List, "rename({})", ARGUMENTS, "a = \"name\""),
    ("redact", List, "redact({})", ARGUMENTS, "a, b"),
    ("sensitive", List, "sensitive({})", ARGUMENTS, "a, b"),
    ("ret", Words, "ret({})", "`skip`, `debug`, `with = path`, or for streams `items` or `fold = path`", "skip"),
    ("err", Words, "err({})", "`skip`, `debug` or `with = path`", "skip"),
    ("fail_when", Value, "fail_when = {}", "a closure or the path of a function", "|value| value.is_empty()"),
    ("usage", Value, "usage(with = {})", A_FUNCTION, FUNCTION),
    ("stream", List, "stream({})", "rules", "end = |item| item.is_last()"),
    ("parent", Value, "parent = {}", "an expression", "&span"),
    ("instance", Value, "instance = {}", "an expression", "&instance"),
    ("client", Value, "client = {}", "an expression", "&client"),
    ("root", Alone, "root", "nothing", ""),
    ("name", Value, "name = {}", TEXT, "\"Ask the model\""),
    ("crate", Value, "crate = {}", "a path", "my::prefactor"),
    ("boxed", Words, "boxed({})", "no argument, or `local` for a future that stays on its thread", "local"),
    ("title", Value, "title = {}", TEXT, "\"Model call\""),
    ("template", Value, "template = {}", TEXT, "\"{{ model }}: {{ prompt }}\""),
    ("risk", List, "risk({})", "actions and categories of data", "read_data = allowed, params(classification = internal)"),
    ("schemars", Words, "schemars({})", "names of arguments or `return`", "a, return"),
    ("result_members", List, "result_members({})", "names of members", "hits, pages"),
];

/// Options of tracing's attribute, with the way to the same end.
const OF_TRACING: [(&str, &str); 3] = [
    ("level", "remove it, because spans are sampled by run and not filtered by level"),
    ("target", "remove it, or record it with e.g. `fields(target = \"…\")`"),
    ("follows_from", "remove it, or use e.g. `parent = &span`"),
];

/// Options that users expect for the schema name.
const OF_SCHEMA_NAME: [&str; 3] = ["schema", "schema_name", "kind"];

impl<'a> Form<'a> {
    /// The form of an option.
    ///
    /// # Errors
    ///
    /// There is no such option.
    pub(super) fn of(word: &'a Ident) -> Result<Self, Error> {
        match FORMS.iter().find(|(name, ..)| word == name) {
            Some(&(_, kind, frame, wanted, value)) => Ok(Self {
                word,
                kind,
                frame: Cow::Borrowed(frame),
                wanted,
                value,
                option: None,
                instead: None,
            }),
            None => Err(unknown(word)),
        }
    }

    /// The form of a value in the option's parentheses, as in `ret(with = path)`.
    pub(super) fn within<'b>(&self, word: &'b Ident, wanted: &'static str, value: &'static str) -> Form<'b> {
        let frame = Cow::Owned(self.with(&format!("{word} = {{}}")));
        Form { word, kind: Value, frame, wanted, value, option: None, instead: None }
    }

    /// The same, where the value is a function.
    pub(super) fn function<'b>(&self, word: &'b Ident) -> Form<'b> {
        self.within(word, A_FUNCTION, FUNCTION)
    }

    /// The function of an argument in `with`. Another option takes any expression.
    pub(super) fn function_of<'b>(&self, argument: &'b Ident) -> Form<'b> {
        let instead = Some(format!("`fields({argument} = expression)`"));
        Form { option: Some("with"), instead, ..self.function(argument) }
    }

    /// The name of an argument in `rename`.
    pub(super) fn name_of<'b>(&self, argument: &'b Ident) -> Form<'b> {
        Form { option: Some("rename"), ..self.within(argument, TEXT, "\"name\"") }
    }

    /// A list in the option's parentheses, as `params(…)` in `risk`.
    pub(super) fn list_within<'b>(&self, word: &'b Ident, value: &'static str) -> Form<'b> {
        let frame = Cow::Owned(self.with(&format!("{word}({{}})")));
        Form { word, kind: List, frame, wanted: self.wanted, value, option: None, instead: None }
    }

    /// The same form, whose value belongs to a word in the option.
    pub(super) fn of_word<'b>(&self, word: &'b Ident) -> Form<'b> {
        Form { word, ..self.clone() }
    }

    /// The option that a message about the value names.
    pub(super) fn subject(&self) -> String {
        self.option.map_or_else(|| self.word.to_string(), str::to_owned)
    }

    /// The option with a value.
    pub(super) fn with(&self, value: &str) -> String {
        self.frame.replace("{}", value)
    }

    /// Whether the option takes that word.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.wanted.contains(&format!("`{word}`"))
    }

    /// The option with a good value, as the end of a message.
    pub(super) fn example(&self) -> String {
        let example = self.with(self.value);
        if let Some(instead) = &self.instead {
            return format!("use e.g. `{example}` or {instead}");
        }
        match self.kind {
            Alone => format!("use `{example}`"),
            Words => format!("use `{}` or e.g. `{example}`", self.word),
            List | Value => format!("use e.g. `{example}`"),
        }
    }

    /// An error at the word.
    pub(super) fn error(&self, problem: &str) -> Error {
        Error::new(self.word.span(), format!("`{}` {problem}: {}", self.word, self.example()))
    }

    /// The option was given before.
    pub(super) fn twice(&self) -> Error {
        let cure = match self.kind {
            List => format!("write one list, e.g. `{}`", self.with(self.value)),
            _ => "remove one of them".to_owned(),
        };
        Error::new(self.word.span(), format!("`{}` is given twice: {cure}", self.word))
    }
}

/// Whether a word is that of an option, here or elsewhere.
pub(super) fn is_option(word: &Ident) -> bool {
    FORMS.iter().any(|(name, ..)| word == name) || OF_TRACING.iter().any(|(name, _)| word == name)
}

/// The message for a word of tracing's attribute that has no meaning here.
pub(super) fn of_tracing(word: &Ident) -> Option<String> {
    let (word, cure) = OF_TRACING.iter().find(|(name, _)| word == name)?;
    Some(format!(
        "`{word}` is an option of tracing's `#[instrument]`, not of `#[span]`: {cure}; see `prefactor::guide::from_tracing`"
    ))
}

fn unknown(word: &Ident) -> Error {
    if let Some(message) = of_tracing(word) {
        return Error::new(word.span(), message);
    }
    let options = FORMS.map(|(name, ..)| name);
    let cure = if OF_SCHEMA_NAME.iter().any(|name| word == name) {
        "the schema name stands alone: use e.g. `#[span(\"agent:llm_call\")]`".to_owned()
    } else if let Some(option) = suggest(&word.to_string(), options) {
        format!("did you mean `{option}`?")
    } else {
        format!("the options are {}", options.map(|option| format!("`{option}`")).join(", "))
    };
    Error::new(word.span(), format!("unknown option `{word}`: {cure}"))
}
