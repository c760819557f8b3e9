//! Values from the caller to the JSON text.

mod lists;
mod model;
mod properties;
mod tapes;
mod texts;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _, SerializeStruct as _};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::payload::capture::recorder;
use crate::payload::capture::writer::Writer;
use crate::payload::limits::MAX_KEYS;
use crate::payload::members::record;
use crate::payload::render::json_writer::JsonWriter;
use crate::payload::render::redact::Keep;
use crate::payload::tape::Reader;
use crate::payload::text::Form;
use crate::payload::{Payload, Redact, Secrecy, SideLimits, text};

fn rendered(payload: &Payload) -> String {
    let mut json = Vec::new();
    JsonWriter::new(&mut json, &Keep).members(&payload.members());
    let json = String::from_utf8(json).unwrap();
    serde_json::from_str::<&RawValue>(&json).expect("strict JSON");
    let shown = payload.render().get().to_owned();
    assert_ne!(shown, "null");
    shown
}

fn of<T: Serialize + ?Sized>(value: &T) -> String {
    rendered(&Payload::of(SideLimits::default(), value))
}

/// The value as it is shown, read by another reader.
fn shown<T: Serialize + ?Sized>(value: &T) -> Value {
    let payload = Payload::of_members(SideLimits::default(), |members| members.insert("shown", value));
    serde_json::from_str::<Value>(&rendered(&payload)).unwrap()["shown"].take()
}

fn within<T: Serialize + ?Sized>(budget: usize, value: &T) -> String {
    let tape = recorder::with(|recorder| {
        recorder.writer.begin_within(SideLimits::default(), budget);
        recorder.writer.value(value);
        recorder.writer.lend(0, <[u8]>::to_vec)
    });
    assert!(tape.len() <= budget, "{} bytes of tape in {budget}", tape.len());
    let mut json = b"before".to_vec();
    JsonWriter::within(&mut json, &Keep, budget).value("", &mut Reader::new(&tape));
    String::from_utf8(json.split_off("before".len())).unwrap()
}

#[test]
fn object_is_taken_as_it_is() {
    assert_eq!(of(&BTreeMap::from([("a", 1)])), r#"{"a":1}"#);
}

#[test]
fn another_value_is_wrapped() {
    assert_eq!(of(&[1, 2]), r#"{"result":[1,2]}"#);
    assert_eq!(of("\"quoted\""), r#"{"result":"\"quoted\""}"#);
}

#[test]
fn payload_without_arguments_is_the_empty_object() {
    assert_eq!(of(&()), "{}");
    assert_eq!(of(&BTreeMap::<&str, u8>::new()), "{}");
    assert!(Payload::of(SideLimits::default(), &None::<u8>).is_empty());
}

#[test]
fn later_members_replace_earlier_ones_in_place() {
    let mut payload = Payload::of(SideLimits::default(), &json!({"a": 1, "b": [2]}));
    payload.merge(Payload::of(SideLimits::default(), &json!({"b": "new", "c": null})));
    payload.insert("a", &7);
    assert_eq!(rendered(&payload), r#"{"a":7,"b":"new","c":null}"#);
}

#[test]
fn numbers_beyond_json_are_texts() {
    assert_eq!(shown(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), json!(["NaN", "Infinity", "-Infinity"]));
    assert_eq!(shown(&f32::NAN), json!("NaN"));
    assert_eq!(shown(&(i128::from(i64::MIN), u128::from(u64::MAX))), json!([i64::MIN, u64::MAX]));
    assert_eq!(shown(&i128::MIN), json!(i128::MIN.to_string()));
    assert_eq!(shown(&u128::MAX), json!(u128::MAX.to_string()));
}

#[test]
fn keys_of_other_types_are_the_text_of_their_json() {
    assert_eq!(shown(&HashMap::from([((1, "a"), 2)])), json!({ "[1,\"a\"]": 2 }));
    assert_eq!(shown(&HashMap::from([(None::<u8>, 1)])), json!({ "null": 1 }));
    assert_eq!(shown(&HashMap::from([(Some(u128::MAX), 1)])), json!({ u128::MAX.to_string(): 1 }));
    assert_eq!(shown(&HashMap::from([(vec![true], 1)])), json!({ "[true]": 1 }));
}

#[test]
fn nul_is_replaced_in_keys_and_values() {
    assert_eq!(shown(&BTreeMap::from([("a\0", "b\0c")])), json!({ "a\u{fffd}": "b\u{fffd}c" }));
}

#[test]
fn byte_strings_are_length_hash_and_head() {
    struct Bytes<'a>(&'a [u8]);
    impl Serialize for Bytes<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    // FNV's authors publish the hash of "foobar" as a test vector.
    assert_eq!(
        shown(&Bytes(b"foobar")),
        json!({ "$bytes": 6, "fnv1a": "85944171f73967e8", "head": "Zm9vYmFy" })
    );
    let many = vec![7_u8; 50 << 20];
    assert_eq!(shown(&Bytes(&many))["$bytes"], json!(50 << 20));
    assert_eq!(shown(&many)["$bytes"], json!(50 << 20), "a list of bytes is a byte string");
    assert_eq!(shown(&[1_u8, 2]), json!([1, 2]), "a short one is a list");
}

/// A text of one sign as it is shown at the default limit.
fn head_and_tail(sign: &str, length: usize) -> String {
    let omitted = length - 9_964;
    format!("{}... [truncated {omitted} characters] ...{}", sign.repeat(6_964), sign.repeat(3_000))
}

#[test]
fn json_text_passes_through() {
    let raw = |text: &str| RawValue::from_string(text.into()).unwrap();
    let text =
        r#" [{"a" : [1, 1e400, 0.10000000000000000000000000001], "b\"" : "\u0041\u0000\n", "c": {}}] "#;
    let expected = r#"[{"a":[1,1e400,0.10000000000000000000000000001],"b\"":"A@\n","c":{}}]"#;
    assert_eq!(of(&raw(text)), format!(r#"{{"result":{}}}"#, expected.replace('@', "\u{fffd}")));
    assert_eq!(shown(&raw("-0.5")), json!(-0.5));
    let long = raw(&format!("[{:?}, 1]", "x".repeat(10_001)));
    assert_eq!(shown(&long), json!([head_and_tail("x", 10_001), 1]));
    let huge = raw(&format!("[{:?}, 1]", "x".repeat(1 << 20)));
    let cut = shown(&(huge, 1));
    let cut = cut[0].as_str().unwrap();
    assert!(cut.starts_with("[\"xxx") && cut.ends_with("x\", 1]") && cut.contains(" bytes] ..."), "{cut}");
    assert!(cut.len() <= 10_000);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(of(&raw(&deep)).contains("<too deep>"));
}

#[test]
fn numbers_of_any_precision_pass_through() {
    /// As `serde_json::Number` serializes where its feature is on, and as anybody may.
    struct Number<T>(T);
    impl<T: Serialize> Serialize for Number<T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
            number.serialize_field("$serde_json::private::Number", &self.0)?;
            number.end()
        }
    }
    let long = "1234567890.12345678901234567890e-7";
    assert_eq!(of(&Number(long)), format!(r#"{{"result":{long}}}"#));
    assert_eq!(of(&Number("no number\0")), "{\"result\":\"no number\u{fffd}\"}");
    assert_eq!(of(&Number([1, 2])), r#"{"result":[1,2]}"#);
}

#[test]
fn texts_are_cut_at_their_characters() {
    let side = SideLimits { max_length: 3, ..SideLimits::default() };
    let cut = |value: &dyn Fn(&mut Writer)| rendered(&record(side, |writer| value(writer), Payload::copy_of));
    assert_eq!(cut(&|writer| writer.value("äöü")), r#"{"result":"äöü"}"#);
    assert_eq!(cut(&|writer| writer.value("äöüß")), r#"{"result":"äöü... [truncated]"}"#);
    assert_eq!(
        cut(&|writer| writer.formatted(Form::Debug, format_args!("{:?}", [1, 2]))),
        r#"{"result":"[1,... [truncated]"}"#
    );
    assert_eq!(cut(&|writer| writer.value(&'x')), r#"{"result":"x"}"#);
    assert_eq!(text::head("äöü", 0, 9), "");
    assert_eq!((text::head("äöü", 2, 9), text::head("äöü", 9, 3)), ("äö", "ä"));
}

#[test]
fn argument_after_a_huge_one_survives() {
    let huge = vec![vec!["x".repeat(9_000); 20]; 20];
    let shown = shown(&json!({ "before": 1, "huge": huge, "later": huge, "after": "whole" }));
    assert_eq!((&shown["before"], &shown["after"]), (&json!(1), &json!("whole")));
    assert!(shown["huge"][0][0].as_str().unwrap().len() == 9_000);
    assert!(shown["huge"].as_array().unwrap().last().unwrap()["$truncated"].is_u64());
}

#[test]
fn object_has_its_fill_of_keys() {
    let map: BTreeMap<usize, u8> = (0..5_000).map(|key| (key, 1)).collect();
    let shown = shown(&map);
    assert_eq!(shown.as_object().unwrap().len(), MAX_KEYS + 1);
    assert_eq!(shown["$truncated"], json!(5_000 - MAX_KEYS));
    let key = shown_key(&"k".repeat(300));
    assert_eq!(key, format!("{}... [truncated 78 characters] ...{}", "k".repeat(146), "k".repeat(76)));
    assert_eq!(key.len(), 255, "no longer than a key may be");
}

fn shown_key(key: &str) -> String {
    shown(&BTreeMap::from([(key, 1)])).as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn loop_without_an_end_ends() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            loop {
                seq.serialize_element(&"again")?;
            }
        }
    }
    let shown = shown(&(Endless, 1));
    assert_eq!(shown[0].as_array().unwrap().last(), Some(&json!({ "$truncated": null })));
    assert_eq!(shown[1], json!(1));
}

#[test]
fn element_that_fails_loses_itself_alone() {
    struct Failing;
    impl Serialize for Failing {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("half", "written")?;
            Err(S::Error::custom("no"))
        }
    }
    struct Panicking;
    impl Serialize for Panicking {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(None)?;
            seq.serialize_element("written")?;
            panic!("no")
        }
    }
    #[derive(Serialize)]
    struct Outer<'a> {
        before: u8,
        failing: Vec<Failing>,
        panicking: [Option<Panicking>; 2],
        borrowed: &'a RefCell<u8>,
        after: HashMap<u8, (Failing, u8)>,
    }
    let cell = RefCell::new(1);
    let _borrowed = cell.borrow_mut();
    let outer = Outer {
        before: 1,
        failing: vec![Failing],
        panicking: [Some(Panicking), None],
        borrowed: &cell,
        after: HashMap::from([(2, (Failing, 3))]),
    };
    let expected = json!({
        "before": 1,
        "failing": ["<capture failed>"],
        "panicking": ["<capture panicked>", null],
        "borrowed": "<capture failed>",
        "after": { "2": ["<capture failed>", 3] },
    });
    assert_eq!(shown(&outer), expected);
}

#[test]
fn errors_that_are_swallowed_do_no_harm() {
    struct Stubborn;
    impl Serialize for Stubborn {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            for key in 0..3_000 {
                let _ = map.serialize_key(&key);
                let _ = map.serialize_key(&key);
            }
            let _ = map.serialize_value(&1);
            map.end()
        }
    }
    struct Wrong;
    impl Serialize for Wrong {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_value(&1)?;
            map.serialize_key("key")?;
            map.end()
        }
    }
    assert_eq!(shown(&Stubborn)["$truncated"], json!(0));
    assert_eq!(shown(&(Wrong, 1)), json!([{ "": 1, "key": null }, 1]));
}

#[test]
fn value_that_captures_itself_comes_to_an_end() {
    struct Selfish;
    impl Serialize for Selfish {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let payload = Payload::of(SideLimits::default(), self);
            serializer.serialize_u64(payload.weight() as u64)
        }
    }
    assert!(shown(&Selfish).is_u64());
    assert_eq!(shown(&1), json!(1), "and the next one is captured as ever");
}

#[test]
fn redactor_sees_names_and_texts() {
    struct Redactor;
    impl Redact for Redactor {
        fn secrecy(&self, name: &str) -> Secrecy {
            if name == "password" { Secrecy::Secret } else { Secrecy::Open }
        }

        fn text<'a>(&self, key: &str, secrecy: Secrecy, text: &'a str) -> Cow<'a, str> {
            if secrecy == Secrecy::Secret || text.contains("sk-") {
                Cow::Owned(format!("[{key}]"))
            } else {
                Cow::Borrowed(text)
            }
        }
    }
    let raw = RawValue::from_string(r#"{"password": {"a": [1, "x"]}, "b": ["sk-1"]}"#.into()).unwrap();
    let payload = Payload::of_members(SideLimits::default(), |members| {
        members.insert("password", &["x", "y"]);
        members.insert("nested", &json!({ "password": [[1, "x"]], "list": ["sk-2", "fine"], "last": 1 }));
        members.insert("raw", &raw);
    });
    let expected = r#"{"password":["[password]","[password]"],"nested":{"password":[[1,"[password]"]],"list":["[list]","fine"],"last":1},"raw":{"password":{"a":[1,"[a]"]},"b":["[b]"]}}"#;
    assert_eq!(
        serde_json::from_str::<Value>(payload.render_with(&Redactor).get()).unwrap(),
        serde_json::from_str::<Value>(expected).unwrap()
    );
}
