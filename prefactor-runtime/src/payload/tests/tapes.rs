//! A tape of any bytes is read within its bounds to its end, and rendered as JSON.

use proptest::prelude::*;
use serde_json::json;

use super::rendered;
use crate::payload::Payload;
use crate::payload::limits::{MAX_PAYLOAD, SideLimits};
use crate::payload::members::record;
use crate::payload::tape::tag;

fn decoded(tape: &[u8]) -> String {
    let json = rendered(&Payload { tape: tape.to_vec().into() });
    assert!(json.len() <= MAX_PAYLOAD);
    json
}

/// A short tape with each tag that there is.
fn every_tag() -> Vec<u8> {
    let side = SideLimits { max_length: 3, ..SideLimits::default() };
    let tape = record(
        side,
        |writer| {
            writer.value(&(
                true,
                false,
                1_u8,
                2_u64,
                -3_i64,
                0.5_f32,
                0.5_f64,
                u128::MAX,
                i128::MIN,
                "a",
                "cut off",
            ));
            writer.name("values");
            writer.value(&serde_json::value::RawValue::from_string(r#"{"a":[1,"b"]}"#.into()).unwrap());
            writer.byte_string(b"bytes");
            writer.value(&json!({ "a": [null, {}], "b": 1 }));
            writer.value(&vec![7_u8; 40]);
            for tag in [tag::FAILED, tag::PANICKED, tag::TOO_DEEP, tag::LOCKED] {
                writer.tag(tag);
            }
            writer.tag(tag::OBJECT);
            writer.value(&[(1_u8, None::<u8>)]);
            writer.value("value");
            writer.number(tag::CUT, 5_u64.to_le_bytes());
            writer.tag(tag::END);
        },
        <[u8]>::to_vec,
    );
    (tag::NULL..=tag::LOCKED).for_each(|tag| assert!(tape.contains(&tag), "no {tag}"));
    tape
}

#[test]
fn each_cut_and_each_change_of_a_tape_is_one() {
    let whole = every_tag();
    assert!(whole.len() < 400, "{} bytes", whole.len());
    for end in 0..whole.len() {
        decoded(&whole[..end]);
        let mut changed = whole.clone();
        for byte in (0..=tag::LOCKED + 1).chain([0x7f, 0x80, 0xff]) {
            changed[end] = byte;
            decoded(&changed);
        }
    }
}

#[test]
fn all_short_tapes_are_tapes() {
    let tags = || 0..=tag::LOCKED + 1;
    for a in tags() {
        for b in tags() {
            for c in tags() {
                decoded(&[a, b, c]);
            }
        }
    }
}

/// Tapes on which a reader could go wrong.
const CORPUS: &[&[u8]] = &[
    &[tag::TEXT, 0xff, 0xff, 0xff, 0xff],
    &[tag::TEXT, 2, 0, 0, 0, 0xc3, 0x28],
    &[tag::BYTES, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f],
    &[tag::CUT_TEXT, 2, 0, 0, 0, 0xc3, 0xa4, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[tag::CUT_TEXT, 1, 0, 0, 0, b'a', 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x80],
    &[tag::RAW, 0, 0, 0, 0, 0, 0, 0, 0, tag::TEXT, 2, 0, 0, 0, b'{', b'"'],
    &[tag::RAW, 0, 0, 0, 0, 0, 0, 0, 0, tag::TEXT, 1, 0, 0, 0, b'['],
    &[tag::OBJECT, tag::CUT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, tag::NULL, tag::END],
    &[tag::OBJECT, tag::NAME, 0, 0, 0, 0, tag::NULL, tag::END],
    &[tag::OBJECT, tag::OBJECT, tag::OBJECT, tag::END, tag::END],
    &[tag::NAME, 1, 0, 0, 0, b'a', tag::NAME, 1, 0, 0, 0, b'b'],
    &[tag::LIST; 100_000],
    &[tag::OBJECT; 100_000],
    &[tag::END; 1_000],
    &[tag::LIST, tag::BYTE],
];

#[test]
fn tapes_that_mean_harm_are_read() {
    for tape in CORPUS {
        decoded(tape);
    }
    let mut bytes = vec![tag::LIST];
    (0..40).for_each(|byte| bytes.extend([tag::BYTE, byte]));
    bytes.extend([tag::CUT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    decoded(&bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_bytes_are_a_tape(tape in prop::collection::vec(prop_oneof![0_u8..24, any::<u8>()], 0..400)) {
        decoded(&tape);
    }

    #[test]
    fn tape_that_is_changed_in_many_places_is_one(
        end in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![0_u8..24, any::<u8>()]), 0..8),
    ) {
        let mut tape = every_tag();
        for (index, byte) in changes {
            let index = index.index(tape.len());
            tape[index] = byte;
        }
        tape.truncate(end.index(tape.len()) + 1);
        decoded(&tape);
    }
}
