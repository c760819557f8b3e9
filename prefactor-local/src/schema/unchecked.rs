//! Without the feature `schemas`, payloads pass unchecked and spans have no summaries.

use serde_json::Value;

use super::check::Check;

/// Accepts every schema.
pub(crate) fn check_schema(_: &Value) -> Check {
    Check::success()
}

/// Accepts every payload.
pub(crate) fn check(_: &Value, _: &Value) -> Check {
    Check::success()
}

/// Renders nothing, as for a template that is invalid.
pub(crate) fn render(_: &str, _: &Value, _: Option<&Value>) -> Option<String> {
    None
}
