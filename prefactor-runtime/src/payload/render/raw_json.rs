//! JSON text that was captured as such: numbers of any precision, and values that somebody else wrote.
//!
//! It is checked, then walked once: texts in it are treated as all other texts are, everything else is passed on
//! as it was written, without the space in between.

use serde::de::IgnoredAny;

use crate::payload::limits::MIN_NUMBERS;
use crate::payload::markers::{TOO_DEEP, TRUNCATED};
use crate::payload::render::json_writer::JsonWriter;
use crate::payload::render::siblings::Siblings;

/// Writes JSON text, or the text that it is when it is no JSON.
pub(crate) fn render(
    renderer: &mut JsonWriter<'_>,
    key: &str,
    text: &str,
    max_length: usize,
    max_numbers: usize,
) {
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        Walk { rest: text, max_length, numbers_left: max_numbers }.value(renderer, key);
    } else {
        renderer.text(key, text, max_length);
    }
}

#[derive(Clone)]
struct Walk<'a> {
    rest: &'a str,
    /// Characters of one text.
    max_length: usize,
    /// Numbers that are left for lists of numbers.
    numbers_left: usize,
}

impl<'a> Walk<'a> {
    fn value(&mut self, renderer: &mut JsonWriter<'_>, key: &str) {
        let token = self.token();
        match token.as_bytes().first() {
            Some(b'"') => renderer.text(key, &unescaped(token), self.max_length),
            Some(b'{' | b'[') if renderer.is_too_deep() => {
                self.skip(1);
                renderer.json(TOO_DEEP);
            }
            Some(b'{') => {
                let siblings = Walk { rest: self.rest, max_length: 0, numbers_left: 0 };
                renderer.inside_object(&siblings, |inside| self.members(inside, &siblings));
            }
            Some(b'[') => renderer.inside("[", "]", |inside| self.elements(inside, key)),
            Some(_) if token.len() <= MAX_NUMBER => renderer.digits(token),
            Some(_) => renderer.text(key, token, self.max_length),
            None => renderer.push("null"),
        }
    }

    fn members(&mut self, renderer: &mut JsonWriter<'_>, siblings: &Walk<'_>) {
        let mut written = 0;
        loop {
            let token = self.token();
            match token.as_bytes().first() {
                Some(b'"') => {
                    let key = unescaped(token);
                    self.token(); // the colon
                    if !renderer.has_room() {
                        renderer.push(if written == 0 { "" } else { "," });
                        renderer.push(&format!(r#""{TRUNCATED}":null"#));
                        return self.skip(1);
                    }
                    renderer.member(&key, written == 0, siblings, |renderer| self.value(renderer, &key));
                    written += 1;
                }
                Some(b',') => {}
                _ => return,
            }
        }
    }

    fn elements(&mut self, renderer: &mut JsonWriter<'_>, key: &str) {
        let mut written = 0;
        let is_pair = self.clone().is_pair();
        let mut before = String::new();
        let (mut is_numbers, mut max) = (true, usize::MAX);
        loop {
            match self.peek() {
                Some(b']') | None => {
                    self.token();
                    if max < usize::MAX {
                        self.numbers_left -= written - MIN_NUMBERS;
                    }
                    return;
                }
                Some(b',') => {
                    self.token();
                }
                Some(_) => {
                    if written == MIN_NUMBERS && is_numbers {
                        if self.numbers_left == 0 {
                            return self.omit(renderer);
                        }
                        max = MIN_NUMBERS + self.numbers_left;
                    } else if written == max {
                        self.numbers_left = 0;
                        return self.omit(renderer);
                    }
                    is_numbers &= self.is_number();
                    renderer.push(if written == 0 { "" } else { "," });
                    if !renderer.has_room() {
                        renderer.push(&format!(r#"{{"{TRUNCATED}":null}}"#));
                        return self.skip(1);
                    }
                    let secrecy = renderer.secrecy_after(&before, is_pair);
                    before = self.clone().text().unwrap_or_default();
                    renderer.element(secrecy, |renderer| self.value(renderer, key));
                    written += 1;
                }
            }
        }
    }

    fn is_number(&mut self) -> bool {
        self.peek().is_some_and(|byte| byte == b'-' || byte.is_ascii_digit())
    }

    /// Says how many elements there are to the end of the list, and goes past them.
    fn omit(&mut self, renderer: &mut JsonWriter<'_>) {
        let mut count = 0;
        loop {
            match self.peek() {
                Some(b']') | None => break,
                Some(b',') => {
                    self.token();
                }
                Some(_) => {
                    self.pass();
                    count += 1;
                }
            }
        }
        self.token();
        renderer.push(&format!(r#",{{"{TRUNCATED}":{count}}}"#));
    }

    /// The text that comes next, if it is one.
    fn text(&mut self) -> Option<String> {
        let token = self.token();
        (token.starts_with('"') && token.len() <= MAX_SIBLING).then(|| unescaped(token))
    }

    /// Whether two texts come next, and then the end of the list.
    fn is_pair(&mut self) -> bool {
        self.token().starts_with('"')
            && self.token() == ","
            && self.token().starts_with('"')
            && self.token() == "]"
    }

    /// The members that come next and are texts, as far as is looked.
    fn texts(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let mut end = self.rest.len().min(MAX_SIBLING);
        while !self.rest.is_char_boundary(end) {
            end -= 1;
        }
        let mut walk =
            Walk { rest: self.rest.get(..end).unwrap_or_default(), max_length: 0, numbers_left: 0 };
        std::iter::from_fn(move || {
            let mut token = walk.token();
            if token == "," {
                token = walk.token();
            }
            if !token.starts_with('"') {
                return None;
            }
            let key = unescaped(token);
            walk.token(); // the colon
            let text = walk.clone().text();
            walk.pass();
            Some((key, text))
        })
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

/// Bytes of an object in which members are looked for that tell about others.
const MAX_SIBLING: usize = 1 << 10;

impl Siblings for Walk<'_> {
    fn find(&self, is_found: &mut dyn FnMut(&str, Option<&str>) -> bool) {
        let _ = self.texts().any(|(key, text)| is_found(&key, text.as_deref()));
    }
}

/// Digits of a number: one that is longer is shown as text.
const MAX_NUMBER: usize = 64;

/// The text of a JSON string. Lone surrogates have none.
fn unescaped(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.to_owned())
}
