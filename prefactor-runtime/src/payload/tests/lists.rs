//! Lists of numbers: embeddings and their like.

use serde::Serialize;
use serde::ser::SerializeSeq as _;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{rendered, shown};
use crate::payload::Payload;
use crate::payload::limits::SideLimits;

fn vector(length: usize) -> Vec<f64> {
    (0..length).map(|place| f64::from(u32::try_from(place).unwrap()) / -8.0).collect()
}

/// How many numbers of a list are shown, and how many are said to be missing.
fn counts(list: &Value) -> (usize, u64) {
    let list = list.as_array().unwrap();
    let missing = list.last().map_or(0, |last| last["$truncated"].as_u64().unwrap_or_default());
    (list.iter().filter(|element| element.is_number()).count(), missing)
}

#[test]
fn embedding_alone_is_whole() {
    for length in [16, 17, 1_536, 3_072, 4_112] {
        assert_eq!(counts(&shown(&vector(length))), (length, 0));
        assert_eq!(shown(&vector(length)), json!(vector(length)));
    }
}

#[test]
fn long_list_of_numbers_says_how_many_are_left_out() {
    assert_eq!(counts(&shown(&vector(4_113))), (4_112, 1));
    assert_eq!(counts(&shown(&vector(100_000))), (4_112, 95_888));
    assert_eq!(counts(&shown(&(0..9_000_i64).collect::<Vec<_>>())), (4_112, 4_888));
    assert_eq!(counts(&shown(&(0..9_000_u32).collect::<Vec<_>>())), (4_112, 4_888));
}

#[test]
fn hundred_embeddings_share_what_one_payload_keeps() {
    let answer = json!({ "data": vec![json!({ "embedding": vector(1_536) }); 100], "model": "small" });
    let payload = Payload::of(SideLimits::default(), &answer);
    let json = rendered(&payload);
    assert!(json.len() < 160_000 && payload.weight() < 80_000, "{} bytes, {}", json.len(), payload.weight());
    let shown: Value = serde_json::from_str(&json).unwrap();
    let lists: Vec<_> =
        shown["data"].as_array().unwrap().iter().map(|data| counts(&data["embedding"])).collect();
    assert_eq!(lists[..3], [(1_536, 0), (1_536, 0), (1_072, 464)]);
    assert!(lists.len() == 100 && lists[3..].iter().all(|counts| *counts == (16, 1_520)), "{lists:?}");
    assert_eq!(shown["model"], "small");
}

#[test]
fn user_can_set_less() {
    let side = SideLimits { max_numbers: 100, ..SideLimits::default() };
    let payload = Payload::of(side, &json!({ "a": vector(1_536), "b": vector(20), "c": vector(10) }));
    let shown: Value = serde_json::from_str(&rendered(&payload)).unwrap();
    assert_eq!(["a", "b", "c"].map(|key| counts(&shown[key])), [(116, 1_420), (16, 4), (10, 0)]);
}

#[test]
fn json_text_and_lists_of_unknown_length_are_bounded_alike() {
    struct Numbers(usize);
    impl Serialize for Numbers {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            (0..self.0).try_for_each(|number| seq.serialize_element(&(number as u64)))?;
            seq.end()
        }
    }
    let text = json!([vector(1_536), vector(1_536), vector(1_536), vector(1_536)]).to_string();
    let raw = shown(&RawValue::from_string(text).unwrap());
    let raw: Vec<_> = raw.as_array().unwrap().iter().map(counts).collect();
    assert_eq!(raw, [(1_536, 0), (1_536, 0), (1_072, 464), (16, 1_520)]);
    let two = shown(&(Numbers(4_000), Numbers(4_000)));
    assert_eq!(counts(&two[0]), (4_000, 0));
    assert_eq!(two[1].as_array().unwrap().len(), 128 + 1, "16 and the 112 that were left");
    assert_eq!(two[1].as_array().unwrap().last(), Some(&json!({ "$truncated": null })));
}

#[test]
fn lists_of_other_values_keep_their_bound_of_elements() {
    let texts = vec!["a"; 6_000];
    assert_eq!(shown(&texts).as_array().unwrap().len(), 6_000);
    let mixed: Vec<Value> =
        (0..6_000).map(|place| if place == 3 { json!("x") } else { json!(place) }).collect();
    assert_eq!(shown(&mixed).as_array().unwrap().len(), 6_000);
    let pairs = vec![(1, 2.5); 5_000];
    assert_eq!(shown(&pairs).as_array().unwrap().len(), 5_000);
    let bytes = vec![7_u8; 9_000];
    assert_eq!(shown(&bytes)["$bytes"], json!(9_000));
}
