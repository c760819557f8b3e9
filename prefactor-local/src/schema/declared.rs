//! A parsed schema version: the lists and maps that a client sent become maps by name, each with its errors.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Check, DataRisk, check_schema};

/// The declarations of a schema version, in the form in which the API returns them.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
pub(crate) struct Declared {
    pub(crate) span_type_schemas: BTreeMap<String, SpanType>,
    pub(crate) quality_schemas: BTreeMap<String, Quality>,
    pub(crate) alert_schemas: BTreeMap<String, Quality>,
}

/// A span type: the schemas of its payloads and its template for summaries.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SpanType {
    name: String,
    pub(crate) title: String,
    description: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) params_schema: Value,
    pub(crate) result_schema: Value,
    params_schema_validation: Check,
    result_schema_validation: Check,
    pub(crate) data_risk: DataRisk,
}

/// A kind of quality or of alert: the schema of its payload and its template for summaries.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Quality {
    name: String,
    pub(crate) title: String,
    description: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) schema: Value,
    schema_validation: Check,
    data_risk: DataRisk,
}

/// The name of the one quality schema that older clients declare without a name.
pub(crate) const NAMELESS_QUALITY: &str = "quality";

/// The greatest number of parsed schema versions in the cache; one more empties it.
const MOST: usize = 128;

/// The cache, by identifier: the content of a schema version never changes.
static PARSED: LazyLock<Mutex<HashMap<String, Arc<Declared>>>> = LazyLock::new(Mutex::default);

impl Declared {
    /// Returns the schema version of that identifier, parsed once; `content` reads its text.
    pub(crate) fn cached<E>(id: &str, content: impl FnOnce() -> Result<String, E>) -> Result<Arc<Self>, E> {
        let known = PARSED.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let declared = Arc::new(Self::parse(&content()?));
        let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
        if parsed.len() >= MOST {
            parsed.clear();
        }
        parsed.insert(id.to_owned(), Arc::clone(&declared));
        Ok(declared)
    }

    /// Parses the text that a client registered. Parts of the wrong shape declare nothing; registrations that hold them
    /// are refused before.
    pub(crate) fn parse(content: &str) -> Self {
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        let entries = |list: &str| content[list].as_array().cloned().unwrap_or_default();
        let mut declared = Self::default();
        for entry in entries("span_type_schemas") {
            if let Some(name) = entry["name"].as_str() {
                let declaration = SpanType::read(
                    name,
                    &entry,
                    entry["params_schema"].clone(),
                    entry["result_schema"].clone(),
                );
                declared.span_type_schemas.insert(name.to_owned(), declaration);
            }
        }
        if content["span_type_schemas"].is_null() {
            for (name, params) in content["span_schemas"].as_object().into_iter().flatten() {
                let result = content["span_result_schemas"][name].clone();
                let declaration = SpanType::read(name, &Value::Null, params.clone(), result);
                declared.span_type_schemas.insert(name.clone(), declaration);
            }
        }
        for (list, into) in [
            ("quality_schemas", &mut declared.quality_schemas),
            ("alert_schemas", &mut declared.alert_schemas),
        ] {
            for entry in entries(list) {
                if let Some(name) = entry["name"].as_str() {
                    into.insert(name.to_owned(), Quality::read(name, &entry));
                }
            }
        }
        if content["quality_schema"].is_object() {
            let entry = &content["quality_schema"];
            declared
                .quality_schemas
                .entry(NAMELESS_QUALITY.to_owned())
                .or_insert_with(|| Quality::read(NAMELESS_QUALITY, entry));
        }
        declared
    }
}

impl SpanType {
    fn read(name: &str, entry: &Value, params: Value, result: Value) -> Self {
        let (params_schema, result_schema) = (or_empty(params), or_empty(result));
        Self {
            name: name.to_owned(),
            title: text(entry, "title").unwrap_or_else(|| name.to_owned()),
            description: text(entry, "description"),
            template: text(entry, "template"),
            params_schema_validation: check_schema(&params_schema),
            result_schema_validation: check_schema(&result_schema),
            params_schema,
            result_schema,
            data_risk: DataRisk::filled(entry.get("data_risk")),
        }
    }

    #[cfg(test)]
    pub(super) fn with_risk(name: &str, data_risk: DataRisk) -> Self {
        Self { data_risk, ..Self::read(name, &Value::Null, Value::Null, Value::Null) }
    }
}

impl Quality {
    fn read(name: &str, entry: &Value) -> Self {
        let schema = or_empty(entry["schema"].clone());
        Self {
            name: name.to_owned(),
            title: text(entry, "title").unwrap_or_else(|| name.to_owned()),
            description: text(entry, "description"),
            template: text(entry, "template"),
            schema_validation: check_schema(&schema),
            schema,
            data_risk: DataRisk::filled(entry.get("data_risk")),
        }
    }
}

fn text(entry: &Value, name: &str) -> Option<String> {
    entry.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn or_empty(schema: Value) -> Value {
    if schema.is_null() { json!({}) } else { schema }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_maps_by_name_with_what_is_wrong_in_each() {
        let declared = Declared::parse(
            &json!({
                "span_type_schemas": [{"name": "a", "params_schema": {"type": "nonsense"}, "template": "t"}],
                "quality_schemas": [{"name": "accuracy", "schema": {"type": "object"}, "title": "Accuracy"}],
                "alert_schemas": [{"name": "leak", "schema": {}}],
            })
            .to_string(),
        );
        let answer = serde_json::to_value(&declared).unwrap();
        let a = &answer["span_type_schemas"]["a"];
        assert_eq!(a["title"], "a");
        assert_eq!(a["params_schema_validation"]["status"], "error");
        assert_eq!(a["result_schema_validation"], json!({"status": "success", "message": null}));
        assert_eq!(a["data_risk"]["action_profile"]["read_data"], "unknown");
        assert_eq!(answer["quality_schemas"]["accuracy"]["title"], "Accuracy");
        assert_eq!(answer["alert_schemas"]["leak"]["schema_validation"]["status"], "success");
    }

    #[test]
    fn older_maps_count_only_without_the_list() {
        let maps = json!({"span_schemas": {"a": {}}, "span_result_schemas": {"a": {"type": "object"}}});
        let declared = Declared::parse(&maps.to_string());
        assert_eq!(declared.span_type_schemas["a"].result_schema, json!({"type": "object"}));
        let mut both = maps;
        both["span_type_schemas"] = json!([]);
        assert!(Declared::parse(&both.to_string()).span_type_schemas.is_empty());
    }

    #[test]
    fn singular_quality_schema_gets_a_name() {
        let declared =
            Declared::parse(&json!({"quality_schema": {"schema": {}, "template": "{{score}}"}}).to_string());
        assert_eq!(declared.quality_schemas[NAMELESS_QUALITY].template.as_deref(), Some("{{score}}"));
    }
}
