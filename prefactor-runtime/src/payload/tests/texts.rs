//! Texts that are longer than they may be.

use std::fmt;

use serde_json::json;
use serde_json::value::RawValue;

use super::{head_and_tail, shown};
use crate::payload::limits::{MAX_COUNTED, SideLimits};
use crate::payload::text::{Kept, Omitted, kept};
use crate::payload::{Payload, display_text};
use crate::redaction::Redaction;

/// Ten digits, then ten digits.
fn digits(length: usize) -> String {
    (0..length).map(|place| char::from(b'0' + u8::try_from(place % 10).unwrap())).collect()
}

#[test]
fn long_text_keeps_head_and_tail_and_says_how_many_characters_are_left_out() {
    let text = digits(25_000);
    let expected = format!("{}... [truncated 15036 characters] ...{}", &text[..6_964], &text[22_000..]);
    assert_eq!(shown(&text), json!(expected));
    assert_eq!(expected.len(), 10_000);
}

#[test]
fn text_of_the_limit_is_whole_and_one_character_more_is_cut() {
    assert_eq!(shown(&"x".repeat(10_000)), json!("x".repeat(10_000)));
    assert_eq!(shown(&"x".repeat(10_001)), json!(head_and_tail("x", 10_001)));
    assert_eq!(shown(&"\u{e4}".repeat(10_000)), json!("\u{e4}".repeat(10_000)));
    assert_eq!(shown(&"\u{e4}".repeat(10_001)), json!(head_and_tail("\u{e4}", 10_001)));
    assert_eq!(shown(&"\u{1f600}".repeat(10_001)), json!(head_and_tail("\u{1f600}", 10_001)));
}

#[test]
fn question_at_the_end_of_a_prompt_is_kept_however_the_text_is_captured() {
    let prompt = format!("Read this.\n{}\nWhich bridge is the oldest?", "word ".repeat(5_000));
    let raw = RawValue::from_string(serde_json::to_string(&prompt).unwrap()).unwrap();
    let texts = [shown(&prompt), shown(&raw), shown(&format_args!("{prompt}")), json!(display_text(&prompt))];
    for text in texts {
        let text = text.as_str().unwrap();
        assert!(
            text.starts_with("Read this.\nword") && text.ends_with("Which bridge is the oldest?"),
            "{text}"
        );
        assert_eq!(text, texts_agree(&prompt), "the same everywhere");
    }
}

fn texts_agree(text: &str) -> String {
    kept(text, 10_000, usize::MAX).shown().into_owned()
}

#[test]
fn text_that_formats_for_ever_keeps_its_head() {
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                formatter.write_str("again ")?;
            }
        }
    }
    let text = display_text(&Endless);
    assert_eq!(text.len(), 10_000);
    assert!(text.starts_with("again again") && text.ends_with("... [truncated]"), "{text}");
}

#[test]
fn very_long_text_says_how_many_bytes_are_left_out() {
    let text = "x".repeat(MAX_COUNTED + 1);
    let Kept::Cut { head, tail, omitted } = kept(&text, 10_000, usize::MAX) else { panic!("it is cut") };
    assert_eq!(omitted, Omitted::Bytes((text.len() - head.len() - tail.len()) as u64));
    assert!(kept(&text, 10_000, usize::MAX).shown().contains(" bytes] ..."));
}

#[test]
fn no_limit_is_exceeded_in_characters_or_in_bytes() {
    let texts = [digits(700), "\u{e4}\u{1f600}x".repeat(200), "\u{1f600}".repeat(500)];
    for text in &texts {
        for max_length in 64..400 {
            assert!(kept(text, max_length, usize::MAX).shown().chars().count() <= max_length, "{max_length}");
        }
        for max_bytes in 0..300 {
            if let Kept::Cut { head, tail, .. } = kept(text, 10_000, max_bytes) {
                assert!(head.len() + tail.len() <= max_bytes, "{max_bytes}");
            }
        }
    }
}

#[test]
fn small_limit_keeps_the_head_with_the_mark_behind_it() {
    assert_eq!(kept("abcdef", 4, usize::MAX).shown(), "abcd... [truncated]");
    assert_eq!(kept("abcd", 4, usize::MAX).shown(), "abcd");
    assert_eq!(kept("abcd", 0, usize::MAX).shown(), "... [truncated]");
}

/// What is sent of a text, with the built-in rules.
fn sent(text: &str) -> String {
    Payload::of(SideLimits::default(), text).render_with(&Redaction::default()).get().to_owned()
}

#[test]
fn nothing_of_a_secret_is_left_on_either_side_of_the_cut() {
    let key = "Q7w8e9R0t1Y2u3I4o5P6a7S8d9F0g1H2j3K4l5";
    let secrets = [
        format!("sk-proj-{key}"),
        format!("password={key}"),
        format!("Authorization: Bearer {key}"),
        format!("{{\"api_key\": \"{key}\"}}"),
        format!("postgres://ada:{key}@db/shop"),
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n{key}\n{key}\n-----END PRIVATE KEY-----"),
    ];
    for secret in &secrets {
        // It is cut at each place of it, by the end of the head and by the beginning of the tail.
        for place in 0..=secret.len() {
            for before in [6_964, 12_000] {
                let head = format!("{} ", "word ".repeat(3_000));
                let head = &head[head.len() - (before - place)..];
                let tail = format!(" {}", "word ".repeat(3_000));
                let tail = if before == 6_964 { &tail[..] } else { &tail[..3_000 - (secret.len() - place)] };
                let sent = sent(&format!("{head}{secret}{tail}"));
                let left =
                    key.as_bytes().windows(8).find(|part| sent.contains(std::str::from_utf8(part).unwrap()));
                assert!(left.is_none(), "{secret:?} at {place} of {before}: {}", around(&sent));
            }
        }
    }
}

fn around(sent: &str) -> String {
    let mark = sent.find("... [truncated").unwrap_or_default();
    sent.chars().skip(mark.saturating_sub(150)).take(400).collect()
}

#[test]
fn prose_on_both_sides_of_the_cut_is_left() {
    let text = "The agent asked which of the bridges is the oldest, and the model said so. ".repeat(400);
    assert!(!sent(&text).contains("REDACTED"), "{}", around(&sent(&text)));
}
