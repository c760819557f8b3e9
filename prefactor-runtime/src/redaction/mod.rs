//! Keeping secrets out of spans: by the name of a value, and by its shape.
//!
//! Runs on the worker, in time linear in the text. Names are matched by whole words, so that a `tokenizer` or
//! `max_tokens` is not taken for a token; shapes are those of keys that common providers issue.

mod names;
mod pairs;
mod prefilter;
mod scan;
mod shapes;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::payload::Redact;
use crate::payload::suppression::suppress;
use shapes::without_secrets;

/// What stands in the place of a secret.
const REDACTED: &str = "[REDACTED]";
const RULE_FAILED: &str = "[REDACTED: the rule panicked]";

type Rule = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

/// The rules of one client: those that are built in, and those of the program.
#[derive(Clone, Default)]
pub(crate) struct Redaction {
    rules: Vec<Arc<Rule>>,
}

impl Redaction {
    /// Adds a rule of the program: it sees the name and the text of each value that is left, and may give another text.
    pub(crate) fn add(&mut self, rule: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) {
        self.rules.push(Arc::new(rule));
    }
}

impl Redact for Redaction {
    fn member(&self, key: &str) -> Option<&'static str> {
        names::is_secret(key).then_some(REDACTED)
    }

    fn shape<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        without_secrets(text, is_cut)
    }

    fn text<'a>(&self, key: &str, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        let mut clean = without_secrets(text, is_cut);
        for rule in &self.rules {
            // A rule that fails must not let anything through, and one that is traced would never come to an end.
            let mut replaced = None;
            if let Err(panic) = suppress(&mut || replaced = rule(key, &clean)) {
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

/// What was panicked with may have a destructor that panics.
fn discard(panic: Box<dyn Any + Send>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // Once more would be a game without an end.
        let _ = ManuallyDrop::new(panic);
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redaction").field("rules", &self.rules.len()).finish()
    }
}

#[cfg(test)]
mod tests;
