//! Properties of all values of everyday types.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{rendered, within};
use crate::payload::Payload;
use crate::payload::limits::SideLimits;
use crate::payload::tape::tag;

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 128, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..8).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

#[derive(Clone, Debug, Serialize)]
struct Unit;

#[derive(Clone, Debug, Serialize)]
struct Newtype(Option<Box<Shape>>);

#[derive(Clone, Debug, Serialize)]
struct Pair(char, String);

#[derive(Clone, Debug, Serialize)]
struct Fields {
    signed: (i8, i16, i32, i64, i128),
    unsigned: (u8, u16, u32, u64, u128),
    floats: (f32, f64),
    unit: (),
    nothing: Unit,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bytes: Vec<u8>,
    #[serde(flatten)]
    more: BTreeMap<String, bool>,
    by_number: BTreeMap<i16, Pair>,
    by_bool: BTreeMap<bool, char>,
}

#[derive(Clone, Debug, Serialize)]
enum Shape {
    Unit,
    Newtype(Newtype),
    Tuple(bool, Pair),
    Struct { left: Box<Shape>, right: Vec<Shape> },
    Fields(Box<Fields>),
}

fn fields() -> impl Strategy<Value = Fields> {
    let signed = (any::<i8>(), any::<i16>(), any::<i32>(), any::<i64>(), any::<i64>().prop_map(i128::from));
    let unsigned = (any::<u8>(), any::<u16>(), any::<u32>(), any::<u64>(), any::<u64>().prop_map(u128::from));
    let bytes = prop::collection::vec(any::<u8>(), 0..32);
    let more = prop::collection::btree_map("[a-z]{9,12}", any::<bool>(), 0..4);
    let by_number = prop::collection::btree_map(any::<i16>(), (any::<char>(), ".{0,9}"), 0..4);
    let by_bool = prop::collection::btree_map(any::<bool>(), any::<char>(), 0..2);
    (signed, unsigned, any::<(f32, f64)>(), bytes, more, by_number, by_bool).prop_map(
        |(signed, unsigned, floats, bytes, more, by_number, by_bool)| Fields {
            signed,
            unsigned,
            floats: (
                if floats.0.is_finite() { floats.0 } else { 0.1 },
                if floats.1.is_finite() { floats.1 } else { 0.1 },
            ),
            unit: (),
            nothing: Unit,
            bytes,
            more,
            by_number: by_number.into_iter().map(|(key, (a, b))| (key, Pair(a, b))).collect(),
            by_bool,
        },
    )
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        (any::<bool>(), any::<char>(), ".{0,9}").prop_map(|(a, b, c)| Shape::Tuple(a, Pair(b, c))),
        fields().prop_map(|fields| Shape::Fields(Box::new(fields))),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            prop::option::of(inner.clone()).prop_map(|shape| Shape::Newtype(Newtype(shape.map(Box::new)))),
            (inner.clone(), prop::collection::vec(inner, 0..4))
                .prop_map(|(left, right)| Shape::Struct { left: Box::new(left), right }),
        ]
    })
}

/// `serde_json`'s opinion, but for NUL.
fn expected<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap().replace("\\u0000", "\u{fffd}")
}

proptest! {
    #[test]
    fn json_values_come_out_as_serde_json_writes_them(value in values()) {
        // In a text that contains a backslash and "u0000", `expected` would see NUL.
        prop_assume!(!value.to_string().contains("\\\\u0000"));
        let payload = Payload::of_members(SideLimits::default(), |members| members.insert("value", &value));
        prop_assert_eq!(rendered(&payload), format!("{{\"value\":{}}}", expected(&value)));
    }

    #[test]
    fn every_shape_comes_out_as_serde_json_writes_it(shape in shapes()) {
        let json = expected(&shape);
        prop_assume!(!json.contains("\\\\u0000"));
        let payload = Payload::of_members(SideLimits::default(), |members| members.insert("shape", &shape));
        prop_assert_eq!(rendered(&payload), format!("{{\"shape\":{json}}}"));
    }

    #[test]
    fn over_budget_it_is_json_and_within(value in values(), copies in 1_usize..200, budget in 4_096_usize..16_384) {
        let json = within(budget, &vec![value; copies]);
        prop_assert!(json.len() <= budget, "{} bytes in {budget}", json.len());
        prop_assert!(serde_json::from_str::<&RawValue>(&json).is_ok(), "{}", json);
    }

    #[test]
    fn texts_that_grow_when_escaped_stay_within(text in "[\0-\u{1f}\"a]{0,6000}", copies in 1_usize..20) {
        let json = within(16_384, &vec![text; copies]);
        prop_assert!(json.len() <= 16_384, "{} bytes", json.len());
        prop_assert!(serde_json::from_str::<&RawValue>(&json).is_ok());
    }

    #[test]
    fn tape_that_is_cut_or_changed_is_one(
        shape in shapes(),
        end in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut tape = Payload::of(SideLimits::default(), &shape).tape.to_vec();
        tape.push(tag::NULL);
        for (index, byte) in changes {
            let index = index.index(tape.len());
            tape[index] = byte;
        }
        tape.truncate(end.index(tape.len()) + 1);
        let _ = rendered(&Payload { tape: tape.into() });
    }
}
