//! Data of kinds that no other type is for.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::data::SpanData;
use super::declare::{setter, span_data};
use crate::types::json::{Json, OrEmpty};

span_data! {
    /// Anything else, with a name and data.
    CustomSpanData, "custom", [name: impl Into<String>] {
        /// The name.
        with_name => name: [String];
        /// The data: an object.
        with_data => data: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "custom")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("data", &OrEmpty(&data.data))?;
    }
}
