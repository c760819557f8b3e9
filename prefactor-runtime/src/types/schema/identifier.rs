//! The identifier of a schema version, which follows from its content: a seen identifier keeps the content that it had.

use std::fmt::Write as _;

use serde_json::Value;

/// The identifier of a content. Two contents have one identifier with the chance of one in 2^128.
pub(crate) fn of(content: &Value) -> String {
    let mut text = String::new();
    write(content, &mut text);
    format!("prefactor-rust-{:032x}", fnv1a(text.as_bytes()))
}

/// JSON text with the members of objects in the order of their names, whatever order the maps of this program keep.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                let _ = write!(out, "{name:?}:");
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push(',');
            }
            out.push(']');
        }
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

/// FNV-1a of 128 bits. Source: RFC 9923.
fn fnv1a(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hash_is_fnv_1a() {
        assert_eq!(fnv1a(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv1a(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn identifier_follows_the_content_and_not_its_order() {
        let (one, other): (Value, Value) = (
            serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":null}}"#).unwrap(),
            serde_json::from_str(r#"{"b":{"d":null,"c":[1,2]},"a":1}"#).unwrap(),
        );
        assert_eq!(of(&one), of(&other));
        for changed in [json!({ "a": 1 }), json!({ "a": "1" }), json!([1, 2]), json!([[1], 2]), json!([2, 1])]
        {
            assert_ne!(of(&one), of(&changed));
        }
        assert!(of(&one).len() <= 64);
    }
}
