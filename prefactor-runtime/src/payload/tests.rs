//! What a payload becomes.

use std::collections::BTreeMap;

use super::*;

fn of<T: Serialize + ?Sized>(value: &T) -> String {
    Payload::of(Side::default(), value).render().get().to_owned()
}

#[test]
fn an_object_is_taken_as_it_is() {
    assert_eq!(of(&BTreeMap::from([("a", 1)])), r#"{"a":1}"#);
}

#[test]
fn another_value_is_wrapped() {
    assert_eq!(of(&vec![1, 2]), r#"{"result":[1,2]}"#);
    assert_eq!(of("\"quoted\""), r#"{"result":"\"quoted\""}"#);
}

#[test]
fn nothing_gives_the_empty_object() {
    assert_eq!(of(&()), "{}");
    assert_eq!(of(&BTreeMap::<&str, ()>::new()), "{}");
    assert!(Payload::of(Side::default(), &None::<u8>).is_empty());
}

#[test]
fn later_members_replace_earlier_ones_in_place() {
    let mut payload = Payload::of(Side::default(), &serde_json::json!({"a": 1, "b": [2]}));
    payload.merge(Payload::of(Side::default(), &serde_json::json!({"b": "new", "c": null})));
    payload.insert("a", &7);
    assert_eq!(payload.render().get(), r#"{"a":7,"b":"new","c":null}"#);
}
