//! Keeping secrets out of spans: by the name of a value, and by its shape.
//!
//! Runs on the worker, in time linear in the text. Three questions are asked, each in a file of its own:
//!
//! * **What does the name say?** ([`names`]) `password` makes a secret of every text, `token` leaves it to the looks of the
//!   text ([`looks`]), `max_tokens` and `session_id` are ordinary.
//! * **Does a text hold the shape of a secret?** ([`shapes`]) Formats in which services issue keys ([`formats`]), numbers
//!   with a check digit ([`numbers`]), private keys, addresses with a password.
//! * **Does a name with a value stand in a text?** ([`pairs`], [`commands`]) In JSON, `Debug` texts, headers, settings,
//!   XML, YAML, command lines.
//!
//! # Why own rules
//!
//! Public collections of rules, and the crates built on them, are made to scan repositories: each rule is a regular
//! expression with a keyword and an entropy, hundreds of them. Of those looked at (`secrets_scanner`, `secretscan`,
//! `kingfisher-rules`, `redact-core`) none keeps to the MSRV, the size and the linear bounded time that a library within
//! somebody's agent needs, and none sees the structure that a payload has: names, pairs, kinds of values. What such
//! collections know beyond a table of beginnings and lengths is little; the table is [`formats`].
//!
//! # Limits of recognition
//!
//! * A password under an ordinary name, or in prose without one ("try hunter2"), has no shape: it is sent.
//! * Keys that are nothing but hexadecimal digits or a UUID, without a name before them, look like hashes and ids.
//! * One number in ten that looks like a card's, and one in a hundred that looks like an account's, is an ordinary number.
//! * A number under the name of a password stays a number; under `pin`, `cvv`, `ssn` or `card_number` it is hidden.
//! * A single word after `password:` is taken for the password, even where it is prose; of `token:` it is not.

mod allowed;
mod commands;
mod formats;
mod looks;
mod names;
mod numbers;
mod pairs;
mod prefilter;
mod scan;
mod shape;
mod shapes;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::payload::markers::{CUT_MARK, REDACTED, RULE_FAILED};
use crate::payload::{KnownNames, KnownTexts, Redact, Secrecy};
use crate::platform::suppression::suppress;
use allowed::AllowedNames;
use shapes::without_secrets;

type Rule = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

/// The action of the built-in rules on a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Hide,
    /// It goes out with the platform's mark for sensitive values.
    Mark,
    Off,
}

/// The rules of one client: those that are built in, and those of the program.
#[derive(Clone, Default)]
pub(crate) struct Redaction {
    rules: Vec<Arc<Rule>>,
    allowed: AllowedNames,
    mode: Mode,
    /// Whether sensitive values are hidden, and marked ones too: those who read have no platform that keeps them apart.
    hides_sensitive: bool,
    /// Whether delivery shows marked values that are hidden here.
    hides_marked: bool,
    /// Texts that held no secret before.
    known_texts: KnownTexts,
    /// Names that are shown as they are, with the secrecy of what is under them.
    known_names: KnownNames,
}

impl Redaction {
    /// Adds a rule of the program: it sees the name and the text of each value that is left, and may give another text.
    pub(crate) fn add(&mut self, rule: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) {
        self.forget();
        self.rules.push(Arc::new(rule));
    }

    /// Sets the action on a secret.
    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.forget();
        self.mode = mode;
    }

    /// The same rules for processors, which the platform's marks mean nothing to.
    pub(crate) fn for_processors(mut self) -> Self {
        self.forget();
        self.hides_sensitive = true;
        if self.mode == Mode::Mark {
            (self.mode, self.hides_marked) = (Mode::Hide, true);
        }
        self
    }

    /// Leaves the values of that name to the rules of the program.
    pub(crate) fn allow(&mut self, name: String) {
        self.forget();
        self.allowed.add(name);
    }

    /// Forgets all that was known by other rules.
    fn forget(&mut self) {
        (self.known_texts, self.known_names) = (KnownTexts::default(), KnownNames::default());
    }
}

impl Redact for Redaction {
    fn secrecy(&self, name: &str) -> Secrecy {
        if self.mode == Mode::Off || self.allowed.has(name) { Secrecy::Allowed } else { names::secrecy(name) }
    }

    fn number(&self, secrecy: Secrecy, digits: &str) -> Option<&'static str> {
        looks::is_secret_number(secrecy, digits).then_some(REDACTED)
    }

    fn known_texts(&self) -> Option<&KnownTexts> {
        (self.mode == Mode::Hide && self.rules.is_empty()).then_some(&self.known_texts)
    }

    fn known_names(&self) -> Option<&KnownNames> {
        Some(&self.known_names)
    }

    fn shows_sensitive(&self) -> bool {
        !self.hides_sensitive
    }

    fn is_as_sent(&self) -> bool {
        !self.hides_marked
    }

    fn is_marked(&self, secrecy: Secrecy, text: &str) -> bool {
        self.mode == Mode::Mark
            && secrecy != Secrecy::Allowed
            && (looks::is_secret(secrecy, text, text.contains(CUT_MARK))
                || matches!(without_secrets(text, false, &self.allowed), Cow::Owned(_)))
    }

    fn is_number_marked(&self, secrecy: Secrecy, digits: &str) -> bool {
        self.mode == Mode::Mark && looks::is_secret_number(secrecy, digits)
    }

    fn shape<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        if self.mode == Mode::Off || names::is_short(text) {
            return Cow::Borrowed(text);
        }
        without_secrets(text, is_cut, &self.allowed)
    }

    fn text<'a>(&self, name: &str, secrecy: Secrecy, text: &'a str) -> Cow<'a, str> {
        let mut clean = match secrecy {
            _ if self.mode == Mode::Off => Cow::Borrowed(text),
            Secrecy::Open => without_secrets(text, false, &self.allowed),
            Secrecy::Allowed => Cow::Borrowed(text),
            _ if looks::is_secret(secrecy, text, text.contains(CUT_MARK)) => return Cow::Borrowed(REDACTED),
            _ => without_secrets(text, false, &self.allowed),
        };
        for rule in &self.rules {
            // If a rule panics, its text is hidden. Spans of a traced rule would call the rule again, without end.
            let mut replaced = None;
            if let Err(panic) = suppress(&mut || replaced = rule(name, &clean)) {
                discard(panic);
                return Cow::Borrowed(RULE_FAILED);
            }
            if let Some(text) = replaced {
                clean = Cow::Owned(text);
            }
        }
        clean
    }
}

/// The payload of a panic may have a destructor that panics.
fn discard(panic: Box<dyn Any + Send>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // Leaks the second panic, because its drop may panic too.
        let _ = ManuallyDrop::new(panic);
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Redaction")
            .field("rules", &self.rules.len())
            .field("allowed", &self.allowed.0)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
