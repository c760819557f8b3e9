//! Keeping secrets out of spans: by the name of a value, and by its shape.
//!
//! Runs on the worker, in time linear in the text. Names are matched by whole words, so that a `tokenizer` or
//! `max_tokens` is not taken for a token; shapes are those of keys that common providers issue.

mod names;
mod shapes;

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::payload::Redact;

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

    fn text<'a>(&self, key: &str, text: &'a str) -> Cow<'a, str> {
        let mut clean = shapes::without_secrets(text);
        for rule in &self.rules {
            // A rule that fails must not let anything through.
            let replaced = catch_unwind(AssertUnwindSafe(|| rule(key, &clean)));
            match replaced {
                Ok(Some(text)) => clean = Cow::Owned(text),
                Ok(None) => {}
                Err(_) => return Cow::Borrowed(RULE_FAILED),
            }
        }
        clean
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redaction").field("rules", &self.rules.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Payload, Side};

    fn rendered(redaction: &Redaction, value: &serde_json::Value) -> String {
        Payload::of(Side::default(), value).render_with(redaction).get().to_owned()
    }

    #[test]
    fn secrets_go_by_name_and_by_shape_at_any_depth() {
        let value = serde_json::json!({
            "user": "ada",
            "usage": { "prompt_tokens": 12, "api_key": ["one", "two"] },
            "header": "Authorization: Bearer abcdefghijklmnop0123",
            "password": 7,
        });
        let expected = r#"{"header":"Authorization: [REDACTED]","password":"[REDACTED]","usage":{"api_key":"[REDACTED]","prompt_tokens":12},"user":"ada"}"#;
        assert_eq!(rendered(&Redaction::default(), &value), expected);
    }

    #[test]
    fn a_rule_of_the_program_sees_what_is_left_and_one_that_panics_hides_all() {
        let mut redaction = Redaction::default();
        redaction.add(|key, text| (key == "mail").then(|| text.replace("ada@", "…@")));
        assert_eq!(
            rendered(&redaction, &serde_json::json!({ "mail": "ada@x", "a": "b" })),
            r#"{"a":"b","mail":"…@x"}"#
        );
        redaction.add(|_, _| panic!("on purpose"));
        assert!(rendered(&redaction, &serde_json::json!({ "a": "b" })).contains("the rule panicked"));
    }
}
