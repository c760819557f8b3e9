//! A JSON value, which exists with and without the feature `enabled`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
#[cfg(feature = "enabled")]
use serde_json::Value;

/// A JSON value that is kept with a span's data. `null` by default.
///
/// Without the feature `enabled` it keeps nothing.
///
/// # Examples
///
/// ```
/// use prefactor::Json;
///
/// let value = Json::of(&[1, 2]);
/// assert_eq!(value.get::<Vec<u8>>(), Some(vec![1, 2]));
/// assert!(Json::default().is_null() && !value.is_null());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Json {
    #[cfg(feature = "enabled")]
    value: Value,
}

impl Json {
    /// A value as JSON, and `null` where it cannot be written so.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        #[cfg(feature = "enabled")]
        return Self { value: serde_json::to_value(value).unwrap_or_default() };
        #[cfg(not(feature = "enabled"))]
        {
            let _ = value;
            Self {}
        }
    }

    /// An object with these members.
    pub(crate) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        #[cfg(feature = "enabled")]
        return Self { value: members.into_iter().map(|(name, Self { value })| (name, value)).collect() };
        #[cfg(not(feature = "enabled"))]
        return members.into_iter().fold(Self {}, |object, _| object);
    }

    /// The JSON Schema of any object.
    pub(crate) fn any_object() -> Self {
        Self::object([("type", Self::of("object"))])
    }

    /// The value as a JSON Schema. One that is `null` takes anything.
    #[cfg(feature = "enabled")]
    pub(crate) fn as_schema(&self) -> Value {
        if self.value.is_null() { Value::Object(serde_json::Map::new()) } else { self.value.clone() }
    }

    /// The value as another type. `None` when it has another shape.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self) -> Option<T> {
        #[cfg(feature = "enabled")]
        return T::deserialize(&self.value).ok();
        #[cfg(not(feature = "enabled"))]
        None
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_null(&self) -> bool {
        #[cfg(feature = "enabled")]
        return self.value.is_null();
        #[cfg(not(feature = "enabled"))]
        true
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[cfg(feature = "enabled")]
        return Value::deserialize(deserializer).map(|value| Self { value });
        #[cfg(not(feature = "enabled"))]
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self {})
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "enabled")]
        return self.value.serialize(serializer);
        #[cfg(not(feature = "enabled"))]
        serializer.serialize_unit()
    }
}

/// A value that is exported as text, as the original does with the output of tools.
pub(crate) struct AsText<'a>(pub(crate) &'a Json);

impl Serialize for AsText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "enabled")]
        return match &self.0.value {
            value @ (Value::Null | Value::String(_)) => value.serialize(serializer),
            value => serializer.serialize_str(&value.to_string()),
        };
        #[cfg(not(feature = "enabled"))]
        {
            let _ = self.0;
            serializer.serialize_unit()
        }
    }
}

/// A value that is exported as an empty object where there is none.
pub(crate) struct OrEmpty<'a>(pub(crate) &'a Json);

impl Serialize for OrEmpty<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_null() {
            return serializer.collect_map(std::iter::empty::<(&str, ())>());
        }
        self.0.serialize(serializer)
    }
}
