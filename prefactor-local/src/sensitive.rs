//! Sensitive values: a payload keeps their marks, and the values are stored apart.
//!
//! A client marks a value as `{"$sensitive": "string", "value": …, "labels": […]}`. The payload is stored with `null`
//! in the place of each value, and the values in order beside it. So a search, a summary or an export of the payload
//! cannot disclose one, and one deleted row forgets them.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

const MARK: &str = "$sensitive";
const VALUE: &str = "value";

/// A payload without its sensitive values, and the values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// The payload with `null` for each sensitive value.
    pub(crate) redacted: String,
    /// The values as a JSON array; `None` without marks.
    pub(crate) values: Option<String>,
}

/// Takes the marked values out of a JSON text. The rest stays as it was sent, digit for digit.
pub(crate) fn split(json: &str) -> Split {
    let mut walk = Walk { output: String::with_capacity(json.len()), taken: Vec::new(), given: None };
    if walk.value(json).is_err() || walk.taken.is_empty() {
        return Split { redacted: json.to_owned(), values: None };
    }
    Split { redacted: walk.output, values: Some(["[", &walk.taken.join(","), "]"].concat()) }
}

/// Puts the values of [`split`] back. Forgotten values stay `null`.
pub(crate) fn join(redacted: &str, values: &str) -> String {
    let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(values) else { return redacted.to_owned() };
    let mut given = values.into_iter().map(RawValue::get);
    let mut walk =
        Walk { output: String::with_capacity(redacted.len()), taken: Vec::new(), given: Some(&mut given) };
    if walk.value(redacted).is_err() { redacted.to_owned() } else { walk.output }
}

/// Copies a JSON text in one pass, with the values of marks taken out or put in.
struct Walk<'a> {
    output: String,
    taken: Vec<&'a str>,
    /// The values to put in; `None` to take values out.
    given: Option<&'a mut dyn Iterator<Item = &'a str>>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, json: &'a str) -> serde_json::Result<()> {
        match json.as_bytes().first() {
            Some(b'{') => self.object(&serde_json::from_str::<Members<'a>>(json)?.0),
            Some(b'[') => self.list(&serde_json::from_str::<Vec<&RawValue>>(json)?),
            _ => {
                self.output.push_str(json);
                Ok(())
            }
        }
    }

    fn object(&mut self, members: &[(String, &'a RawValue)]) -> serde_json::Result<()> {
        let is_mark = members.iter().any(|(name, _)| name == MARK);
        self.output.push('{');
        for (place, (name, value)) in members.iter().enumerate() {
            if place > 0 {
                self.output.push(',');
            }
            self.output.push_str(&serde_json::to_string(name)?);
            self.output.push(':');
            if !(is_mark && name == VALUE) {
                self.value(value.get())?;
            } else if let Some(given) = &mut self.given {
                self.output.push_str(given.next().unwrap_or("null"));
            } else {
                self.taken.push(value.get());
                self.output.push_str("null");
            }
        }
        self.output.push('}');
        Ok(())
    }

    fn list(&mut self, items: &[&'a RawValue]) -> serde_json::Result<()> {
        self.output.push('[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                self.output.push(',');
            }
            self.value(item.get())?;
        }
        self.output.push(']');
        Ok(())
    }
}

/// Returns the members of an object in their order, with their values as text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(InOrder).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKED: &str = r#"{"n":1.50,"a":{"$sensitive":"string","value":"4111","labels":["card"]},"z":[{"$sensitive":"number","value":1e400}]}"#;

    #[test]
    fn marked_values_are_taken_out_and_put_back_digit_for_digit() {
        let split = split(MARKED);
        assert_eq!(
            split.redacted,
            r#"{"n":1.50,"a":{"$sensitive":"string","value":null,"labels":["card"]},"z":[{"$sensitive":"number","value":null}]}"#
        );
        let values = split.values.unwrap();
        assert_eq!(values, r#"["4111",1e400]"#);
        assert_eq!(join(&split.redacted, &values), MARKED);
    }

    #[test]
    fn values_within_a_marked_value_are_taken_with_it() {
        let nested = r#"{"a":{"$sensitive":"object","value":{"$sensitive":"string","value":"x"}}}"#;
        let split = split(nested);
        assert_eq!(split.redacted, r#"{"a":{"$sensitive":"object","value":null}}"#);
        assert_eq!(join(&split.redacted, &split.values.unwrap()), nested);
    }

    #[test]
    fn payload_without_marks_stays_byte_for_byte() {
        for json in [r#"{ "a" : 1 }"#, r#"{"value":1}"#, "[]", "not json"] {
            assert_eq!(split(json), Split { redacted: json.to_owned(), values: None });
        }
    }

    #[test]
    fn forgotten_values_stay_null() {
        let redacted = split(MARKED).redacted;
        assert_eq!(join(&redacted, "[]"), redacted);
    }
}
