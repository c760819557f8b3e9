mod cut_texts;

use super::*;
use crate::payload::{Payload, SideLimits};

fn rendered<T: serde::Serialize + ?Sized>(redaction: &Redaction, value: &T) -> String {
    Payload::of(SideLimits::default(), value).render_with(redaction).get().to_owned()
}

#[test]
fn secrets_go_by_name_and_by_shape_at_any_depth() {
    let value = serde_json::json!({
        "user": "ada",
        "usage": { "prompt_tokens": 12, "api_key": ["one", "two"] },
        "header": "Authorization: Bearer abcdefghijklmnop0123",
        "password": 7,
    });
    let expected = r#"{"header":"Authorization: [REDACTED]","password":7,"usage":{"api_key":["[REDACTED]","[REDACTED]"],"prompt_tokens":12},"user":"ada"}"#;
    assert_eq!(rendered(&Redaction::default(), &value), expected);
}

#[test]
fn member_with_the_name_of_a_secret_is_hidden_below_each_name_that_may_hold_one() {
    let outer = [
        "credentials",
        "credential",
        "creds",
        "db_creds",
        "cookies",
        "cookie",
        "auth",
        "oauth",
        "login",
        "session",
        "token",
        "card",
        "secrets",
        "password",
        "config",
        "user",
        "data",
    ];
    let inner = ["password", "passphrase", "api_key", "secret", "client_secret", "db_pass", "pwd"];
    for (outer, inner) in outer.iter().flat_map(|outer| inner.map(|inner| (*outer, inner))) {
        for value in [
            serde_json::json!({ outer: { inner: "horse", "user": "ada" } }),
            serde_json::json!({ outer: [{ inner: "horse" }] }),
            serde_json::json!({ outer: { "db": { inner: ["horse", "correct horse battery"] } } }),
            serde_json::json!({ outer: { "name": inner, "value": "horse" } }),
        ] {
            let shown = rendered(&Redaction::default(), &value);
            assert!(!shown.contains("horse") && shown.contains("[REDACTED]"), "{value}: {shown}");
        }
    }
}

#[test]
fn text_that_was_shown_is_hidden_under_the_name_of_a_secret_and_by_other_rules() {
    let text = "correct horse battery staple, and some words more than that";
    let value = serde_json::json!({ "note": text, "password": text });
    let expected = format!(r#"{{"note":"{text}","password":"[REDACTED]"}}"#);
    let mut redaction = Redaction::default();
    for _ in 0..3 {
        assert_eq!(rendered(&redaction, &value), expected);
    }
    redaction.add(|_, text| Some(text.replace("horse", "[ANIMAL]")));
    assert_eq!(rendered(&redaction, &value), expected.replace("horse", "[ANIMAL]"));
    let secret =
        serde_json::json!([format!("{text} AKIAIOSFODNN7EXAMPLE"), format!("{text} AKIAIOSFODNN7EXAMPLE")]);
    let shown = rendered(&Redaction::default(), &secret);
    assert_eq!(shown.matches("[REDACTED]").count(), 2, "{shown}");
}

#[test]
fn secrets_that_are_keys_are_hidden_and_kept_apart() {
    let key = "sk-proj-abcdefghijklmnopqrstuvwxyz012345";
    let long = format!("{}{key}", "k".repeat(240) + " ");
    let value = std::collections::BTreeMap::from([
        (key.to_owned(), 1),
        (format!("{key}/2"), 2),
        (long, 3),
        ("plain".to_owned(), 4),
    ]);
    let shown = rendered(&Redaction::default(), &value);
    assert!(!shown.contains("abcdef"), "{shown}");
    let shown: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown.values().map(|value| value.as_u64().unwrap()).sum::<u64>(), 10, "{shown:?}");

    let by_list = std::collections::BTreeMap::from([(vec![key], 1), (vec![key, key], 2)]);
    assert_eq!(
        rendered(&Redaction::default(), &by_list),
        r#"{"[\"[REDACTED]\"]":1,"[\"[REDACTED]\",\"[REDACTED]\"] 2":2}"#
    );
    let by_struct =
        std::collections::BTreeMap::from([(std::collections::BTreeMap::from([("pin", 1234)]), 1)]);
    assert_eq!(rendered(&Redaction::default(), &by_struct), r#"{"{\"pin\":[REDACTED]}":1}"#);
}

#[test]
fn bytes_that_are_the_text_of_a_secret_are_hidden() {
    struct Bytes<'a>(&'a [u8]);
    impl serde::Serialize for Bytes<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    let shown = |bytes: &[u8]| {
        (rendered(&Redaction::default(), bytes), rendered(&Redaction::default(), &Bytes(bytes)))
    };
    for secret in [
        "AKIAIOSFODNN7EXAMPLE",
        "github_pat_11ABCDEFG0123456789_abcdefghij",
        "sk-proj-abcdefghijklmnopqrstuvwxyz012345",
    ] {
        let expected = r#"{"result":"[REDACTED]"}"#.to_owned();
        assert_eq!(shown(secret.as_bytes()), (expected.clone(), expected));
    }
    let (list, bytes) = shown(b"plain");
    assert_eq!(list, r#"{"result":[112,108,97,105,110]}"#);
    assert!(bytes.contains(r#""$bytes":5"#), "{bytes}");
}

#[test]
fn rule_of_the_program_sees_what_is_left_and_one_that_panics_hides_all() {
    let mut redaction = Redaction::default();
    redaction.add(|key, text| (key == "mail").then(|| text.replace("ada@", "…@")));
    assert_eq!(
        rendered(&redaction, &serde_json::json!({ "mail": "ada@x", "a": "b" })),
        r#"{"a":"b","mail":"…@x"}"#
    );
    redaction.add(|_, _| panic!("on purpose"));
    assert_eq!(
        rendered(&redaction, &serde_json::json!({ "a": "b", "c": ["d", 1] })),
        r#"{"a":"[REDACTED: the rule panicked]","c":["[REDACTED: the rule panicked]",1]}"#
    );
}

#[test]
fn rule_that_panics_with_a_bomb_hides_all() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose")
        }
    }
    let mut redaction = Redaction::default();
    redaction.add(|_, _| std::panic::panic_any(Bomb));
    assert!(rendered(&redaction, "secret").contains("the rule panicked"));
}

#[test]
fn text_of_a_rule_is_bounded_and_json() {
    let mut redaction = Redaction::default();
    redaction.add(|_, _| Some("\0\"".repeat(1 << 20)));
    let shown = rendered(&redaction, &["a", "b"]);
    assert!(shown.len() <= 512 << 10, "{} bytes", shown.len());
    assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok());
}

/// The search reads what is left of a text, so its time is bounded by that and not by the text's length.
#[test]
fn s12_ten_mebibytes_that_mean_harm_are_cut_before_they_are_looked_at() {
    let side = SideLimits { max_length: usize::MAX, ..SideLimits::default() };
    for part in
        ["api_key=a&", "token=x ", "key: ", "keykey", "a://b:c", "-----BEGIN ", "sk-", "eyJ", "password"]
    {
        let text = part.repeat((10 << 20) / part.len());
        let payload = Payload::of(side, &text);
        scan::steps::take();
        let shown = payload.render_with(&Redaction::default());
        let steps = scan::steps::take();
        assert!(shown.get().len() <= 512 << 10, "{part:?}");
        assert!((1..=24 * (512 << 10)).contains(&steps), "{part:?}: {steps} steps");
    }
}
