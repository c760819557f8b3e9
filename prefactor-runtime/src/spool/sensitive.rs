//! Removes the values from marks of sensitive values, and keeps the marks.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Appends the JSON text, with `null` in the place of each value that is marked, and everything else digit for digit.
pub(super) fn hide(json: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    let value = std::str::from_utf8(json).ok().and_then(|json| copy(json, out).ok());
    if value.is_none() {
        // The SDK rendered this JSON, so unreadable JSON is damaged and could hold anything.
        out.truncate(begin);
        out.extend_from_slice(b"{}");
    }
}

fn copy(json: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match json.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(json)?;
            let is_mark = members.iter().any(|(name, _)| name == "$sensitive");
            out.push(b'{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, &name)?;
                out.push(b':');
                if is_mark && name == "value" {
                    out.extend_from_slice(b"null");
                } else {
                    copy(value.get(), out)?;
                }
            }
            out.push(b'}');
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(json)?;
            out.push(b'[');
            for (place, value) in values.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                copy(value.get(), out)?;
            }
            out.push(b']');
        }
        _ => {
            let value: &RawValue = serde_json::from_str(json)?;
            out.extend_from_slice(value.get().as_bytes());
        }
    }
    Ok(())
}

/// The members of an object in their order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::hide;

    #[test]
    fn marked_values_are_hidden_and_all_else_is_kept_digit_for_digit() {
        let cases = [
            ("{}", "{}"),
            (r#"{"a":[1.0,123456789012345678901234567890,{}],"b":"$sensitive"}"#, ""),
            (
                r#"{"a":{"$sensitive":"string","value":"Ada"},"value":[{"$sensitive":"number","value":1.50}]}"#,
                r#"{"a":{"$sensitive":"string","value":null},"value":[{"$sensitive":"number","value":null}]}"#,
            ),
            ("not JSON", "{}"),
        ];
        for (json, expected) in cases {
            let mut out = Vec::new();
            hide(json.as_bytes(), &mut out);
            let expected = if expected.is_empty() { json } else { expected };
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
