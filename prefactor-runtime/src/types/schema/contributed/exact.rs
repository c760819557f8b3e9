//! Exact schemas, from types that implement `schemars::JsonSchema`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::definitions::Definitions;

/// The schema of a type that implements `schemars::JsonSchema`. `Serialize` is what its values are captured by.
pub fn schema_of<T: JsonSchema + Serialize + ?Sized>(definitions: &mut Definitions) -> Value {
    definitions.of::<T>()
}
