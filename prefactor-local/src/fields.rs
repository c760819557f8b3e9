//! The fields of a request body, read one by one so that each error names its field.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

use crate::{
    error_response::{ErrorResponse, Errors},
    time::Time,
};

/// The greatest depth of JSON that is accepted: readers of the trace, in any language, may recurse over it.
const MAX_DEPTH: usize = 128;
const MAX_KEY: usize = 64;

/// A JSON object whose values are still text. `null` counts as absent, as clients send both.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Reads a request body. An empty body is an empty object: actions may be posted without one.
    pub(crate) fn parse(body: &'a str) -> Result<Self, ErrorResponse> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if depth(body) > MAX_DEPTH {
            return Err(ErrorResponse::bad_request("the body is nested deeper than 128 levels"));
        }
        Self::read(body)
    }

    /// Reads a part of a body that was parsed before, and so is not too deep.
    pub(crate) fn part(value: &'a RawValue) -> Result<Self, ErrorResponse> {
        Self::read(value.get())
    }

    fn read(object: &'a str) -> Result<Self, ErrorResponse> {
        serde_json::from_str(object).map(Self).map_err(|error| {
            ErrorResponse::bad_request(["the body must be a JSON object: ", &error.to_string()].concat())
        })
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|value| value.get() != "null")
    }

    /// Returns the fields of the object under `name`.
    pub(crate) fn inner(&self, name: &str) -> Result<Option<Fields<'a>>, ErrorResponse> {
        self.get(name).filter(|value| value.get().starts_with('{')).map(Self::part).transpose()
    }

    pub(crate) fn text(&self, name: &'static str, errors: &mut Errors) -> Option<String> {
        let text = serde_json::from_str(self.get(name)?.get());
        if text.is_err() {
            errors.add(name, "must be a string");
        }
        text.ok()
    }

    pub(crate) fn required_text(&self, name: &'static str, errors: &mut Errors) -> String {
        let text = match self.get(name) {
            None => Some(String::new()),
            Some(_) => self.text(name, errors),
        };
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            errors.add(name, "can't be blank");
        }
        text.unwrap_or_default()
    }

    pub(crate) fn time(&self, name: &'static str, errors: &mut Errors) -> Option<Time> {
        let time = Time::parse(&self.text(name, errors)?);
        if time.is_none() {
            errors.add(name, "must be an ISO 8601 date and time with Z or an offset");
        }
        time
    }

    pub(crate) fn flag(&self, name: &'static str, errors: &mut Errors) -> Option<bool> {
        let flag = serde_json::from_str(self.get(name)?.get());
        if flag.is_err() {
            errors.add(name, "must be true or false");
        }
        flag.ok()
    }

    /// Returns the text of the JSON object under `name`, exactly as it was sent.
    pub(crate) fn object(&self, name: &'static str, errors: &mut Errors) -> Option<&'a str> {
        self.raw_object(name, errors).map(RawValue::get)
    }

    /// Returns the same as [`RawValue`], which is known to be JSON.
    pub(crate) fn raw_object(&self, name: &'static str, errors: &mut Errors) -> Option<&'a RawValue> {
        let value = self.get(name)?;
        if !value.get().starts_with('{') {
            errors.add(name, "must be an object");
            return None;
        }
        Some(value)
    }

    pub(crate) fn array(&self, name: &'static str, errors: &mut Errors) -> Vec<&'a RawValue> {
        let Some(value) = self.get(name) else { return Vec::new() };
        serde_json::from_str(value.get()).unwrap_or_else(|_| {
            errors.add(name, "must be an array");
            Vec::new()
        })
    }

    /// Returns one word of a closed set.
    pub(crate) fn word<T>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        errors: &mut Errors,
    ) -> Option<T> {
        let word = read(&self.text(name, errors)?);
        if word.is_none() {
            errors.add(name, "is invalid");
        }
        word
    }

    pub(crate) fn idempotency_key(&self, errors: &mut Errors) -> Option<String> {
        self.text("idempotency_key", errors).map(|key| checked_key(key, errors))
    }

    /// Whether the field is present and `null`, which clears it.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.get() == "null")
    }

    /// Returns the value under `name`, of any type.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// Returns names and values as text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

/// Returns an idempotency key after a check of its length.
pub(crate) fn checked_key(key: String, errors: &mut Errors) -> String {
    if key.is_empty() {
        errors.add("idempotency_key", "can't be blank");
    } else if key.chars().count() > MAX_KEY {
        errors.add("idempotency_key", "should be at most 64 character(s)");
    }
    key
}

fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings_only() {
        assert_eq!(depth(r#"{"a":[1,{"b":2}],"c":[]}"#), 3);
        assert_eq!(depth(r#"{"a":"[[[\"[["}"#), 1);
    }
}
