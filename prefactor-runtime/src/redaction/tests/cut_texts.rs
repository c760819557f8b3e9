//! Secrets in texts that are cut in the middle.

use crate::payload::{Payload, SideLimits};
use crate::redaction::Redaction;

/// Returns the part of a text that is sent, with the built-in rules.
fn sent(text: &str) -> String {
    Payload::of(SideLimits::default(), text).render_with(&Redaction::default()).get().to_owned()
}

#[test]
fn secret_across_a_cut_leaves_no_part_on_either_side() {
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
