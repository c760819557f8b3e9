//! Texts that are longer than they may be.

use std::fmt;

use serde_json::json;
use serde_json::value::RawValue;

use super::{head_and_tail, shown};
use crate::payload::display_text;
use crate::payload::limits::MAX_COUNTED;
use crate::payload::text::{Kept, Omitted, kept};

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
