//! Every kind of value that serde knows, in any combination, against a plain account of what it should become.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde::ser::{
    Serialize, SerializeMap as _, SerializeSeq as _, SerializeStruct as _, SerializeStructVariant as _,
    SerializeTuple as _, SerializeTupleStruct as _, SerializeTupleVariant as _, Serializer,
};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value, json};

use super::{shown, within};
use crate::payload::byte_string;

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

#[derive(Clone, Debug)]
enum Model {
    Bool(bool),
    Small((i8, u8, i16, u16, i32, u32)),
    Signed(i64),
    Unsigned(u64),
    BigSigned(i128),
    BigUnsigned(u128),
    Single(f32),
    Double(f64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    Nothing,
    Something(Box<Model>),
    Unit,
    UnitStruct,
    UnitVariant,
    Newtype(Box<Model>),
    NewtypeVariant(Box<Model>),
    List(Vec<Model>, bool),
    Tuple(Vec<Model>),
    TupleStruct(Vec<Model>),
    TupleVariant(Vec<Model>),
    Map(Vec<(Model, Model)>, bool),
    Struct(Vec<Model>),
    StructVariant(Vec<Model>),
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        macro_rules! each {
            ($values:expr, $open:expr, $method:ident) => {{
                let mut open = $open?;
                $values.iter().try_for_each(|value| open.$method(value))?;
                open.end()
            }};
        }
        macro_rules! named {
            ($values:expr, $open:expr) => {{
                let mut open = $open?;
                NAMES.iter().zip($values).try_for_each(|(name, value)| open.serialize_field(name, value))?;
                open.end()
            }};
        }
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Small(values) => values.serialize(serializer),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::BigSigned(value) => serializer.serialize_i128(*value),
            Self::BigUnsigned(value) => serializer.serialize_u128(*value),
            Self::Single(value) => serializer.serialize_f32(*value),
            Self::Double(value) => serializer.serialize_f64(*value),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::Nothing => serializer.serialize_none(),
            Self::Something(value) => serializer.serialize_some(value),
            Self::Unit => serializer.serialize_unit(),
            Self::UnitStruct => serializer.serialize_unit_struct("Type"),
            Self::UnitVariant => serializer.serialize_unit_variant("Type", 0, "Variant"),
            Self::Newtype(value) => serializer.serialize_newtype_struct("Type", value),
            Self::NewtypeVariant(value) => serializer.serialize_newtype_variant("Type", 0, "Variant", value),
            Self::List(values, is_known) => {
                each!(values, serializer.serialize_seq(is_known.then_some(values.len())), serialize_element)
            }
            Self::Tuple(values) => each!(values, serializer.serialize_tuple(values.len()), serialize_element),
            Self::TupleStruct(values) => {
                each!(values, serializer.serialize_tuple_struct("Type", values.len()), serialize_field)
            }
            Self::TupleVariant(values) => {
                let open = serializer.serialize_tuple_variant("Type", 0, "Variant", values.len());
                each!(values, open, serialize_field)
            }
            Self::Map(members, is_known) => {
                let mut map = serializer.serialize_map(is_known.then_some(members.len()))?;
                members.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Self::Struct(values) => named!(values, serializer.serialize_struct("Type", values.len())),
            Self::StructVariant(values) => {
                named!(values, serializer.serialize_struct_variant("Type", 0, "Variant", values.len()))
            }
        }
    }
}

impl Model {
    /// The documented form: as `serde_json`, but for values that JSON does not have.
    fn expected(&self) -> Value {
        let list = |values: &[Self]| values.iter().map(Self::expected).collect::<Value>();
        let named = |values: &[Self]| {
            Value::Object(
                NAMES.iter().map(|name| (*name).to_owned()).zip(values.iter().map(Self::expected)).collect(),
            )
        };
        match self {
            Self::Bool(value) => json!(value),
            Self::Small(values) => json!(values),
            Self::Signed(value) => json!(value),
            Self::Unsigned(value) => json!(value),
            Self::BigSigned(value) => {
                Number::from_i128(*value).map_or_else(|| json!(value.to_string()), Value::Number)
            }
            Self::BigUnsigned(value) => {
                Number::from_u128(*value).map_or_else(|| json!(value.to_string()), Value::Number)
            }
            Self::Single(value) if value.is_finite() => {
                serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
            }
            Self::Double(value) if value.is_finite() => {
                serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
            }
            Self::Single(value) => not_finite(f64::from(*value)),
            Self::Double(value) => not_finite(*value),
            Self::Char(value) => text(&value.to_string()),
            Self::Text(value) => text(value),
            Self::Bytes(value) => json!({
                "$bytes": value.len(),
                "fnv1a": format!("{:016x}", byte_string::hash(value)),
                "head": STANDARD.encode(&value[..value.len().min(24)]),
            }),
            Self::Nothing | Self::Unit | Self::UnitStruct => Value::Null,
            Self::UnitVariant => json!("Variant"),
            Self::Something(value) | Self::Newtype(value) => value.expected(),
            Self::NewtypeVariant(value) => json!({ "Variant": value.expected() }),
            Self::List(values, _) | Self::Tuple(values) | Self::TupleStruct(values) => list(values),
            Self::TupleVariant(values) => json!({ "Variant": list(values) }),
            Self::Struct(values) => named(values),
            Self::StructVariant(values) => json!({ "Variant": named(values) }),
            Self::Map(members, _) => {
                let members = members.iter().map(|(key, value)| (key.as_key(), value.expected()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// A text as it is, anything else as the text of its JSON.
    fn as_key(&self) -> String {
        match self.expected() {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }
}

fn not_finite(value: f64) -> Value {
    json!(if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    })
}

fn text(text: &str) -> Value {
    json!(text.replace('\0', "\u{fffd}"))
}

fn leaves() -> impl Strategy<Value = Model> {
    let float = prop_oneof![
        any::<i32>().prop_map(|eighths| f64::from(eighths) / 8.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0)
    ];
    let single = prop_oneof![
        any::<i16>().prop_map(|eighths| f32::from(eighths) / 8.0),
        Just(f32::NAN),
        Just(f32::INFINITY),
        Just(f32::NEG_INFINITY)
    ];
    prop_oneof![
        any::<bool>().prop_map(Model::Bool),
        any::<(i8, u8, i16, u16, i32, u32)>().prop_map(Model::Small),
        any::<i64>().prop_map(Model::Signed),
        any::<u64>().prop_map(Model::Unsigned),
        prop_oneof![any::<i128>(), any::<i64>().prop_map(i128::from)].prop_map(Model::BigSigned),
        prop_oneof![any::<u128>(), any::<u64>().prop_map(u128::from)].prop_map(Model::BigUnsigned),
        single.prop_map(Model::Single),
        float.prop_map(Model::Double),
        any::<char>().prop_map(Model::Char),
        "[\0a\"\\\\\u{e4}\n]{0,20}".prop_map(Model::Text),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Model::Bytes),
        prop::sample::select(vec![Model::Nothing, Model::Unit, Model::UnitStruct, Model::UnitVariant]),
    ]
}

fn models() -> impl Strategy<Value = Model> {
    let keys = prop_oneof![
        leaves(),
        leaves().prop_map(|key| Model::Something(Box::new(key))),
        leaves().prop_map(|key| Model::NewtypeVariant(Box::new(key))),
        prop::collection::vec(leaves(), 0..3).prop_map(Model::Tuple),
        prop::collection::vec(leaves(), 0..3).prop_map(Model::StructVariant),
    ];
    let keys = keys.boxed();
    leaves().prop_recursive(8, 64, 4, move |inner| {
        let many = prop::collection::vec(inner.clone(), 0..5);
        let members = prop::collection::vec((keys.clone(), inner.clone()), 0..5);
        let one = inner.prop_map(Box::new);
        prop_oneof![
            one.clone().prop_map(Model::Something),
            one.clone().prop_map(Model::Newtype),
            one.prop_map(Model::NewtypeVariant),
            (many.clone(), any::<bool>()).prop_map(|(values, is_known)| Model::List(values, is_known)),
            many.clone().prop_map(Model::Tuple),
            many.clone().prop_map(Model::TupleStruct),
            many.clone().prop_map(Model::TupleVariant),
            (members, any::<bool>()).prop_map(|(members, is_known)| Model::Map(members, is_known)),
            prop::collection::vec(leaves(), 0..5).prop_map(Model::Struct),
            many.prop_map(Model::StructVariant),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_comes_out_as_documented(model in models()) {
        prop_assert_eq!(shown(&model), model.expected());
    }

    #[test]
    fn any_value_over_budget_is_json_and_within(model in models(), copies in 1_usize..200, budget in 4_096_usize..16_384) {
        let json = within(budget, &vec![model; copies]);
        prop_assert!(json.len() <= budget, "{} bytes in {budget}", json.len());
        prop_assert!(serde_json::from_str::<&RawValue>(&json).is_ok(), "{}", json);
    }
}
