//! Types of tool calls, by the tool's name: the names and schemas that the official integrations give them.

use serde::Serialize;

use super::span_type::SpanType;
use crate::types::json::Json;

/// The type of a tool's spans: `<provider>:tool:<suffix>`. `None` where nothing is left for the suffix.
pub(super) fn type_name(provider: &str, span_type: &str) -> Option<String> {
    let span_type = span_type.trim();
    let own = span_type.strip_prefix(provider).and_then(|rest| rest.strip_prefix(':')).unwrap_or(span_type);
    let suffix = own.strip_prefix("tool:").unwrap_or(own).trim_start_matches(':');
    (!suffix.is_empty()).then(|| format!("{provider}:tool:{suffix}"))
}

/// A type whose payload is the tool's name and its arguments.
pub(super) fn span_type<S: Serialize + ?Sized>(name: String, tool: &str, input_schema: &S) -> SpanType {
    let text = Json::object([("type", Json::of("string"))]);
    let properties = Json::object([("tool_name", text), ("inputs", Json::of(input_schema))]);
    let params = Json::object([("type", Json::of("object")), ("properties", properties)]);
    let title = format!("Tool Call: {tool}");
    SpanType::new(name).title(title).template("{{ tool_name }}").params(&params).result(&Json::object([]))
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn type_names_are_normalised_as_the_official_integrations_do() {
        for (given, expected) in [
            ("search", Some("acme:tool:search")),
            (" search ", Some("acme:tool:search")),
            ("tool:search", Some("acme:tool:search")),
            ("acme:search", Some("acme:tool:search")),
            ("acme:tool:search:web", Some("acme:tool:search:web")),
            ("::search", Some("acme:tool:search")),
            ("acme:tool:", None),
            ("", None),
        ] {
            assert_eq!(type_name("acme", given).as_deref(), expected, "{given}");
        }
    }
}
