//! The definitions that the schemas of one program share.

use serde_json::{Map, Value};

use super::marker;

/// Collects them while schemas are made.
pub struct Definitions {
    #[cfg(feature = "schemars")]
    generator: schemars::SchemaGenerator,
}

impl Definitions {
    pub(super) fn new() -> Self {
        Self {
            #[cfg(feature = "schemars")]
            generator: schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator(),
        }
    }

    /// The schema of a type, as the type says it.
    #[cfg(feature = "schemars")]
    pub(super) fn of<T: schemars::JsonSchema + ?Sized>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// The members that the values of a schema may have, if they are objects.
    #[cfg(feature = "schemars")]
    pub(super) fn members_of(&self, schema: &Value) -> Map<String, Value> {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(PREFIX));
        let schema = name.and_then(|name| self.generator.definitions().get(name)).unwrap_or(schema);
        let members = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        members.into_iter().map(|(name, of)| (name, marker::widen(of))).collect()
    }

    /// No type says its schema without the feature `schemars`.
    #[cfg(not(feature = "schemars"))]
    #[expect(clippy::unused_self, reason = "the form with the feature needs it")]
    pub(super) fn members_of(&self, _: &Value) -> Map<String, Value> {
        Map::new()
    }

    /// All of them, as what is recorded.
    #[cfg_attr(
        not(feature = "schemars"),
        expect(clippy::unused_self, reason = "the form with the feature needs it")
    )]
    pub(super) fn finish(self) -> Map<String, Value> {
        let mut all = Map::from_iter([(marker::NAME.to_owned(), marker::definition())]);
        #[cfg(feature = "schemars")]
        let own = { self }.generator.take_definitions(true);
        #[cfg(not(feature = "schemars"))]
        let own = Map::new();
        for (name, definition) in own {
            let definition = match definition {
                Value::Object(definition) => marker::inside(definition),
                definition => definition,
            };
            all.insert(name, definition);
        }
        all
    }
}

const PREFIX: &str = "#/$defs/";

/// Adds those definitions to a schema that it refers to, directly or through others.
pub(super) fn add_used(schema: &mut Value, all: &Map<String, Value>) {
    let mut used = Map::new();
    let mut names = Vec::new();
    references(schema, &mut names);
    while let Some(name) = names.pop() {
        if let Some(definition) = all.get(&name).filter(|_| !used.contains_key(&name)) {
            references(definition, &mut names);
            used.insert(name, definition.clone());
        }
    }
    if let (Value::Object(schema), false) = (schema, used.is_empty()) {
        schema.insert("$defs".into(), used.into());
    }
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(PREFIX));
            names.extend(name.map(str::to_owned));
            members.values().for_each(|value| references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

impl std::fmt::Debug for Definitions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Definitions").finish_non_exhaustive()
    }
}
