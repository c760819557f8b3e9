//! JSON text that was captured as such: numbers of any precision, and values that somebody else wrote.
//!
//! It is checked, then walked once: texts in it are treated as all other texts are, everything else is passed on
//! as it was written, without the space in between.

use serde::de::IgnoredAny;

use crate::payload::render::json_writer::JsonWriter;

/// Writes JSON text, or the text that it is when it is no JSON.
pub(crate) fn render(renderer: &mut JsonWriter<'_>, key: &str, text: &str, max_length: usize) {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        Walk { rest: text, max_length }.value(renderer, key);
    } else {
        renderer.text(key, text, max_length, false);
    }
}

struct Walk<'a> {
    rest: &'a str,
    /// Characters of one text.
    max_length: usize,
}

impl<'a> Walk<'a> {
    fn value(&mut self, renderer: &mut JsonWriter<'_>, key: &str) {
        let token = self.token();
        match token.as_bytes().first() {
            Some(b'"') => renderer.text(key, &unescaped(token), self.max_length, false),
            Some(b'{' | b'[') if renderer.is_too_deep() => {
                self.skip(1);
                renderer.json("<too deep>");
            }
            Some(b'{') => renderer.inside("{", "}", |inside| self.members(inside)),
            Some(b'[') => renderer.inside("[", "]", |inside| self.elements(inside, key)),
            Some(_) if token.len() <= MAX_NUMBER => renderer.push(token),
            Some(_) => renderer.text(key, token, self.max_length, false),
            None => renderer.push("null"),
        }
    }

    fn members(&mut self, renderer: &mut JsonWriter<'_>) {
        let mut written = 0;
        loop {
            let token = self.token();
            match token.as_bytes().first() {
                Some(b'"') => {
                    let key = unescaped(token);
                    self.token(); // the colon
                    if !renderer.has_room() {
                        renderer.push(if written == 0 { "" } else { "," });
                        renderer.push(r#""$truncated":null"#);
                        return self.skip(1);
                    }
                    let before = self.rest;
                    renderer.member(&key, written == 0, |renderer| self.value(renderer, &key));
                    if self.rest.len() == before.len() {
                        self.pass(); // its value was replaced
                    }
                    written += 1;
                }
                Some(b',') => {}
                _ => return,
            }
        }
    }

    fn elements(&mut self, renderer: &mut JsonWriter<'_>, key: &str) {
        let mut written = 0;
        loop {
            match self.peek() {
                Some(b']') | None => {
                    self.token();
                    return;
                }
                Some(b',') => {
                    self.token();
                }
                Some(_) => {
                    renderer.push(if written == 0 { "" } else { "," });
                    if !renderer.has_room() {
                        renderer.push(r#"{"$truncated":null}"#);
                        return self.skip(1);
                    }
                    self.value(renderer, key);
                    written += 1;
                }
            }
        }
    }

    /// Goes past one value.
    fn pass(&mut self) {
        if self.token().starts_with(['{', '[']) {
            self.skip(1);
        }
    }

    /// Goes past the ends of so many objects and lists.
    fn skip(&mut self, mut open: usize) {
        while open > 0 {
            match self.token().as_bytes().first() {
                Some(b'{' | b'[') => open += 1,
                Some(b'}' | b']') => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.bytes().next()
    }

    /// The next token of JSON text that is known to be well formed.
    fn token(&mut self) -> &'a str {
        let len = match self.peek() {
            None => 0,
            Some(b'"') => {
                let mut is_escaped = false;
                let end = self.rest.bytes().skip(1).position(|byte| {
                    let is_end = byte == b'"' && !is_escaped;
                    is_escaped = byte == b'\\' && !is_escaped;
                    is_end
                });
                end.map_or(self.rest.len(), |end| end + 2)
            }
            Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => 1,
            Some(_) => self
                .rest
                .find(|next: char| ",:]}".contains(next) || next.is_ascii_whitespace())
                .unwrap_or(self.rest.len()),
        };
        let (token, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        token
    }
}

/// Digits of a number: one that is longer is shown as text.
const MAX_NUMBER: usize = 64;

/// The text of a JSON string. Lone surrogates have none.
fn unescaped(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.to_owned())
}
