//! Agent versions and schema versions, as registrations and their own requests describe them.

use serde_json::value::RawValue;

use crate::{
    error_response::{ErrorResponse, Errors},
    fields::Fields,
    store::{AgentVersion, SchemaVersion, SpanType},
};

/// Reads an `agent_version`; missing fields are empty.
pub(super) fn agent_version(
    content: Option<&str>,
    errors: &mut Errors,
) -> Result<AgentVersion, ErrorResponse> {
    let content = content.unwrap_or("{}");
    let version = Fields::parse(content)?;
    Ok(AgentVersion {
        id: None,
        external_identifier: version.text("external_identifier", errors).filter(|text| !text.is_empty()),
        name: version.text("name", errors).filter(|text| !text.is_empty()),
        description: version.text("description", errors),
        content: content.to_owned(),
    })
}

/// Reads an `agent_schema_version`, and checks the shape of each of its parts.
pub(super) fn schema_version(
    content: Option<&str>,
    errors: &mut Errors,
) -> Result<Option<SchemaVersion>, ErrorResponse> {
    let Some(content) = content else { return Ok(None) };
    let version = Fields::parse(content)?;
    let mut span_types = Vec::new();
    for entry in version.array("span_type_schemas", errors) {
        span_types.push(span_type(entry, errors)?);
    }
    for list in ["quality_schemas", "alert_schemas"] {
        for entry in version.array(list, errors) {
            let entry = Fields::parse(entry.get())?;
            entry.required_text("name", errors);
            entry.object("schema", errors);
        }
    }
    for map in ["span_schemas", "span_result_schemas", "quality_schema"] {
        version.object(map, errors);
    }
    Ok(Some(SchemaVersion {
        external_identifier: version.text("external_identifier", errors).filter(|text| !text.is_empty()),
        span_types,
        content: content.to_owned(),
    }))
}

fn span_type(entry: &RawValue, errors: &mut Errors) -> Result<SpanType, ErrorResponse> {
    let entry = Fields::parse(entry.get())?;
    let name = entry.required_text("name", errors);
    entry.object("params_schema", errors);
    let title = entry.text("title", errors).unwrap_or_else(|| name.clone());
    Ok(SpanType { name, title })
}
