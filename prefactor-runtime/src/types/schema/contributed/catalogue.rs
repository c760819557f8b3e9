//! The span types of all annotated functions of the program.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::contribution::{self, Contribution};
use super::definitions::{self, Definitions};
use crate::types::name::{MAX_DESCRIPTION, MAX_NAME, cleaned};
use crate::types::schema::registry::SchemaRegistry;
use crate::types::schema::risk::DataRisk;
use crate::types::schema::span_type::SpanType;

/// They are put together once.
fn of_program() -> &'static SchemaRegistry {
    static CATALOGUE: OnceLock<SchemaRegistry> = OnceLock::new();
    CATALOGUE.get_or_init(|| of(contribution::all()))
}

impl SchemaRegistry {
    /// The types of spans that the annotated functions of this program have, from all its crates. Needs the feature `schemas`.
    ///
    /// Every client sends them with its registrations, below those of [`ClientBuilder::schemas`](crate::ClientBuilder::schemas)
    /// of the same names. Where the linker cannot collect them the registry is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::schema::SchemaRegistry;
    /// use prefactor::span;
    ///
    /// /// Asks the model.
    /// #[span("agent:llm_call", title = "Model call", template = "{{ model }}")]
    /// fn call_llm(model: &str, prompt: &str) -> String {
    ///     # let _ = model;
    ///     prompt.to_owned()
    /// }
    ///
    /// let schemas = SchemaRegistry::contributed();
    /// let call = schemas.get("agent:llm_call").unwrap();
    /// assert_eq!((call.title_text(), call.description_text()), (Some("Model call"), Some("Asks the model.")));
    /// # call_llm("m", "p");
    /// ```
    #[must_use]
    pub fn contributed() -> Self {
        of_program().clone()
    }

    /// Adds the contributed types of which nothing was said yet.
    pub(in crate::types::schema) fn with_contributions(mut self) -> Self {
        for of in of_program().types() {
            if self.get(of.name()).is_none() {
                self.put(of.clone());
            }
        }
        self
    }
}

/// The contributions of all functions with one schema name.
#[derive(Default)]
struct Merged {
    title: Option<&'static str>,
    description: Option<&'static str>,
    template: Option<&'static str>,
    risk: Option<DataRisk>,
    params: Vec<Value>,
    results: Vec<Value>,
}

fn of(mut contributions: Vec<&Contribution>) -> SchemaRegistry {
    // Sorts, so that names and order do not depend on the linker.
    contributions.sort_by_key(|of| (of.schema_name, of.place));
    let mut definitions = Definitions::new();
    let mut merged: BTreeMap<String, Merged> = BTreeMap::new();
    for of in contributions {
        let name = cleaned(of.schema_name, MAX_NAME).unwrap_or_else(|| of.schema_name.to_owned());
        let known = merged.entry(name).or_default();
        known.title = known.title.or(of.title);
        known.description = known.description.or(of.description);
        known.template = known.template.or(of.template);
        let risk = (of.risk)();
        known.risk = known.risk.take().or_else(|| (risk != DataRisk::new()).then_some(risk));
        let params =
            of.params.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_json(&mut definitions)));
        add(&mut known.params, params.collect());
        let mut result = of.result.result_members(&mut definitions);
        result.extend(
            of.result_members
                .iter()
                .map(|(name, shape)| ((*name).to_owned(), shape.to_json(&mut definitions))),
        );
        add(&mut known.results, result);
    }
    let definitions = definitions.finish();
    let mut registry = SchemaRegistry::new();
    for (name, of) in merged {
        registry.put(of.into_type(name, &definitions));
    }
    registry
}

/// Adds the schema of an object with such members, all of them optional: a client may record no arguments or results, and
/// a payload ends where it is full.
fn add(choices: &mut Vec<Value>, members: Map<String, Value>) {
    let mut schema = Map::from_iter([("type".to_owned(), "object".into())]);
    if !members.is_empty() {
        schema.insert("properties".into(), members.into());
    }
    let schema = schema.into();
    if !choices.contains(&schema) {
        choices.push(schema);
    }
}

impl Merged {
    fn into_type(self, name: String, definitions: &Map<String, Value>) -> SpanType {
        let mut of = SpanType::new(name)
            .params(&one_of(self.params, definitions))
            .result(&one_of(self.results, definitions));
        if let Some(title) = self.title {
            of = of.title(title);
        }
        if let Some(description) = self.description {
            let cleaned = cleaned(description, MAX_DESCRIPTION);
            of = of.description(cleaned.unwrap_or_else(|| description.to_owned()));
        }
        if let Some(template) = self.template {
            of = of.template(template);
        }
        match self.risk {
            Some(risk) => of.data_risk(risk),
            None => of,
        }
    }
}

/// The schema of payloads of which each has one of these forms.
fn one_of(mut choices: Vec<Value>, definitions: &Map<String, Value>) -> Value {
    let mut schema = match choices.pop() {
        Some(only) if choices.is_empty() => only,
        Some(last) => {
            choices.push(last);
            json!({ "type": "object", "anyOf": choices })
        }
        None => json!({ "type": "object" }),
    };
    definitions::add_used(&mut schema, definitions);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::schema::contributed::shape::Shape;
    use crate::types::schema::risk::{Permission, RiskAction};

    const ASK: Contribution = Contribution {
        schema_name: "agent:ask",
        place: "a::ask:1",
        title: Some("Question"),
        description: Some("Asks the model."),
        template: Some("{{ prompt }}"),
        risk: || DataRisk::new().action(RiskAction::ReadData, Permission::Allowed),
        params: &[("prompt", Shape::Text), ("seed", Shape::Optional(&Shape::Unsigned))],
        result: Shape::List(&Shape::Number),
        ..Contribution::EMPTY
    };

    fn read(of: Option<&crate::types::json::Json>) -> Value {
        of.and_then(crate::types::json::Json::get).unwrap()
    }

    #[test]
    fn contribution_becomes_a_type() {
        let catalogue = of(vec![&ASK]);
        let ask = catalogue.get("agent:ask").unwrap();
        assert_eq!((ask.title_text(), ask.template_text()), (Some("Question"), Some("{{ prompt }}")));
        assert_eq!(ask.description_text(), Some("Asks the model."));
        assert_eq!(ask.risk().unwrap().permission(RiskAction::ReadData), Permission::Allowed);
        let marker = json!({ "$ref": "#/$defs/prefactor_marker" });
        let params = read(Some(ask.params_json()));
        assert_eq!(params["properties"]["prompt"], json!({ "anyOf": [{ "type": "string" }, marker] }));
        assert_eq!(params["properties"]["seed"]["anyOf"][0], json!({ "type": "null" }));
        assert_eq!(params["$defs"]["prefactor_marker"]["anyOf"].as_array().unwrap().len(), 5);
        let result = read(ask.result_json());
        assert_eq!(
            result["properties"]["result"]["anyOf"][0]["items"]["anyOf"][0],
            json!({ "type": "number" })
        );
    }

    #[test]
    fn one_name_with_two_signatures_takes_either_in_whatever_order_they_were_linked() {
        let other = Contribution {
            schema_name: "agent:ask",
            place: "b::ask:7",
            title: Some("Other"),
            params: &[("prompt", Shape::Integer)],
            ..Contribution::EMPTY
        };
        let (one, two) = (of(vec![&ASK, &other]), of(vec![&other, &ASK]));
        assert_eq!(one, two);
        assert_eq!(one.external_identifier(), two.external_identifier());
        let ask = one.get("agent:ask").unwrap();
        assert_eq!(ask.title_text(), Some("Question"));
        let params = read(Some(ask.params_json()));
        assert_eq!(params["anyOf"].as_array().unwrap().len(), 2);
        assert!(params["$defs"]["prefactor_marker"].is_object());
    }

    #[test]
    fn one_name_with_one_signature_twice_is_one_schema() {
        let again = Contribution { place: "b::ask:7", ..ASK };
        assert_eq!(of(vec![&ASK, &again]), of(vec![&ASK]));
    }
}
