//! Checks of payloads against the JSON Schemas that a client registered.

use serde::Serialize;
#[cfg(feature = "schemas")]
use {jsonschema::Validator, serde_json::Value};

/// The greatest number of mismatches in one message.
#[cfg(feature = "schemas")]
const MOST: usize = 5;

/// The result of a check in the form that the API gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    status: &'static str,
    pub(crate) message: Option<String>,
}

impl Check {
    pub(super) fn success() -> Self {
        Self { status: "success", message: None }
    }

    #[cfg(feature = "schemas")]
    fn error(message: String) -> Self {
        Self { status: "error", message: Some(message) }
    }
}

#[cfg(feature = "schemas")]
/// Checks that `schema` is a JSON Schema without remote references, because nothing is fetched.
pub(crate) fn check_schema(schema: &Value) -> Check {
    compile(schema).map_or_else(Check::error, |_| Check::success())
}

#[cfg(feature = "schemas")]
/// Checks `payload` against `schema`. A message names the place and the rule and leaves the value out: values may be
/// secret, and messages end up in logs.
pub(crate) fn check(schema: &Value, payload: &Value) -> Check {
    let validator = match compile(schema) {
        Ok(validator) => validator,
        Err(message) => return Check::error(["the schema cannot be applied: ", &message].concat()),
    };
    let problems: Vec<_> = validator
        .iter_errors(payload)
        .take(MOST)
        .map(|error| match error.instance_path().as_str() {
            "" => error.masked().to_string(),
            path => format!("{path}: {}", error.masked()),
        })
        .collect();
    if problems.is_empty() { Check::success() } else { Check::error(problems.join("; ")) }
}

#[cfg(feature = "schemas")]
fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options().build(schema).map_err(|error| error.masked().to_string())
}

#[cfg(all(test, feature = "schemas"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn payload_that_matches_its_schema_succeeds() {
        let schema =
            json!({"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]});
        assert_eq!(check(&schema, &json!({"model": "m"})), Check::success());
    }

    #[test]
    fn mismatch_names_the_place_and_the_rule_but_not_the_value() {
        let schema = json!({"properties": {"key": {"type": "integer"}, "list": {"items": {"enum": ["a"]}}}});
        let Check { status, message } = check(&schema, &json!({"key": "s3cret", "list": ["hidden"]}));
        let message = message.unwrap();
        assert_eq!(status, "error");
        assert!(
            message.contains("/key") && message.contains("integer") && message.contains("/list/0"),
            "{message}"
        );
        assert!(!message.contains("s3cret") && !message.contains("hidden"), "{message}");
    }

    #[test]
    fn formats_are_not_asserted() {
        let schema = json!({"properties": {"for": {"type": "string", "format": "duration"}}});
        assert_eq!(check(&schema, &json!({"for": "-PT1.5S"})), Check::success());
    }

    #[test]
    fn remote_reference_is_an_error_of_the_schema_and_fetches_nothing() {
        for reference in ["http://127.0.0.1:9/schema.json", "file:///etc/hostname"] {
            let schema = json!({"$ref": reference});
            assert_eq!(check_schema(&schema).status, "error", "{reference}");
            assert_eq!(check(&schema, &json!({})).status, "error", "{reference}");
        }
    }

    #[test]
    fn schema_that_is_none_is_an_error() {
        assert_eq!(check_schema(&json!({"type": "strin"})).status, "error");
        assert_eq!(check_schema(&json!({})), Check::success());
    }
}
