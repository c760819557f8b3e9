//! The destinations of a client: those that the program names, else those of `PREFACTOR_EXPORTERS`.

use crate::config::settings::Settings;
use crate::config::variable;
use crate::export::console::ConsoleProcessor;
use crate::export::file::FileExporter;
use crate::export::lane::Sink;
#[cfg(feature = "openai")]
use crate::export::openai::OpenAi;
#[cfg(feature = "otlp")]
use crate::export::otlp::{self, Otlp};
use crate::types::error::Error;

/// The file of the word `file`, unless `PREFACTOR_FILE` names another.
const DEFAULT_FILE: &str = "prefactor-spans.jsonl";

/// One destination besides the Prefactor API, which may need settings of the client.
pub(super) enum Destination {
    /// The program's own.
    Sink(Sink),
    Console(ConsoleProcessor),
    File(FileExporter),
    #[cfg(feature = "otlp")]
    Otlp(Box<Otlp>),
    #[cfg(feature = "openai")]
    OpenAi(Box<OpenAi>),
}

/// The destinations that the variable names.
#[derive(Default)]
pub(super) struct Named {
    pub(super) has_prefactor: bool,
    pub(super) is_nothing: bool,
    pub(super) destinations: Vec<Destination>,
}

impl Destination {
    #[cfg_attr(
        not(any(feature = "otlp", feature = "openai")),
        expect(
            clippy::unnecessary_wraps,
            reason = "only the features' destinations have settings that can be wrong"
        )
    )]
    fn build(
        self,
        settings: &Settings,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(Sink, bool), Error> {
        let _ = (settings, lookup);
        Ok(match self {
            Self::Sink(sink) => (sink, false),
            Self::Console(console) => (Sink::Processor(Box::new(console)), true),
            Self::File(file) => (Sink::exporter(file), true),
            #[cfg(feature = "otlp")]
            Self::Otlp(otlp) => (Sink::exporter(otlp.build(settings, lookup)?), true),
            #[cfg(feature = "openai")]
            Self::OpenAi(openai) => (Sink::exporter(openai.build(settings, lookup)?), true),
        })
    }
}

/// Builds all destinations, or none.
///
/// # Errors
///
/// When a setting of one is missing or malformed, or two of ours have one name: their counts could not be told apart, and as a
/// rule they would send everything twice.
pub(super) fn build(
    destinations: Vec<Destination>,
    settings: &Settings,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Sink>, Error> {
    let (mut sinks, mut names) = (Vec::new(), Vec::new());
    for destination in destinations {
        let (sink, is_ours) = destination.build(settings, lookup)?;
        if is_ours {
            let name = sink.name();
            if names.contains(&name) {
                return Err(Error::configuration(format!(
                    "two destinations are called {name}: leave one out, or name one of them differently, as Otlp::name does"
                )));
            }
            names.push(name);
        }
        sinks.push(sink);
    }
    Ok(sinks)
}

/// Reads the variable: words with commas between them. Without a word, the destinations are the default.
///
/// # Errors
///
/// When a word is unknown, needs a feature that is off or a variable that is not set, or contradicts another; or when there is a
/// variable for a file and no word for it.
pub(super) fn named(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Named, Error> {
    let variable = variable::EXPORTERS;
    let text = text.to_ascii_lowercase();
    let words: Vec<_> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let mut named = Named::default();
    for (index, word) in words.iter().enumerate() {
        if words[..index].contains(word) {
            return Err(Error::configuration(format!("{variable} names {word:?} twice: leave one out")));
        }
        match *word {
            "none" => named.is_nothing = true,
            "prefactor" => named.has_prefactor = true,
            "console" => named.destinations.push(Destination::Console(ConsoleProcessor::new())),
            "file" => {
                let path = given(lookup, variable::FILE).unwrap_or_else(|| DEFAULT_FILE.to_owned());
                named.destinations.push(Destination::File(FileExporter::new(path)));
            }
            "otlp" | "phoenix" | "langfuse" | "openai" => named.destinations.push(by_feature(word, lookup)?),
            other => {
                // Shows only the start of the word: a secret may be in its place.
                let shown: String = other.chars().take(20).collect();
                return Err(Error::configuration(format!(
                    "{variable} names {shown:?}, which is none of prefactor, otlp, phoenix, langfuse, openai, console, file \
                     and none: set it to some of them, such as prefactor,otlp"
                )));
            }
        }
    }
    if named.is_nothing && words.len() > 1 {
        return Err(Error::configuration(format!("{variable} names none and others: leave one of them out")));
    }
    let file = variable::FILE;
    if !named.is_nothing && !words.contains(&"file") && given(lookup, file).is_some() {
        let cure = match &*words.join(",") {
            "" => "file, or to prefactor,file for both".to_owned(),
            others => format!("{others},file"),
        };
        return Err(Error::configuration(format!(
            "{file} is set, but {variable} does not name file: set {variable} to {cure}, or unset {file}"
        )));
    }
    Ok(named)
}

fn given(lookup: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn by_feature(word: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Destination, Error> {
    let _ = lookup;
    match word {
        #[cfg(feature = "openai")]
        "openai" => Ok(Destination::OpenAi(Box::new(OpenAi::new()))),
        #[cfg(feature = "otlp")]
        "otlp" => Ok(Destination::Otlp(Box::new(otlp::collector()))),
        #[cfg(feature = "otlp")]
        "phoenix" => Ok(Destination::Otlp(Box::new(otlp::phoenix()))),
        #[cfg(feature = "otlp")]
        "langfuse" => {
            let key = |name: &str| {
                given(lookup, name).ok_or_else(|| {
                    Error::configuration(format!(
                        "{} names langfuse: set {name} to the key of the project",
                        variable::EXPORTERS
                    ))
                })
            };
            let (public, secret) =
                (key("LANGFUSE_PUBLIC_KEY")?, zeroize::Zeroizing::new(key("LANGFUSE_SECRET_KEY")?));
            Ok(Destination::Otlp(Box::new(otlp::langfuse(public, secret.as_str()))))
        }
        other => {
            let feature = if other == "openai" { "openai" } else { "otlp" };
            Err(Error::configuration(format!(
                "{} names {other}, but prefactor was built without it: enable its feature `{feature}`",
                variable::EXPORTERS
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_whose_feature_is_off_is_an_error_that_names_the_feature() {
        let has = [cfg!(feature = "otlp"), cfg!(feature = "openai")];
        for (word, feature, is_built) in [
            ("of-no-build", "otlp", false),
            ("otlp", "otlp", has[0]),
            ("phoenix", "otlp", has[0]),
            ("langfuse", "otlp", has[0]),
            ("openai", "openai", has[1]),
        ] {
            let lookup = |name: &str| name.contains("_KEY").then(|| "key".to_owned());
            match by_feature(word, &lookup) {
                Ok(_) => assert!(is_built, "{word}"),
                Err(error) => {
                    let (text, cure) = (error.to_string(), format!("enable its feature `{feature}`"));
                    assert!(!is_built && error.is_configuration() && text.contains(&cure), "{text}");
                }
            }
        }
    }
}
