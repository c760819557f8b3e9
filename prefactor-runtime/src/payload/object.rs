//! A payload: a JSON object as a tape, whose members are added, replaced and read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::payload::capture::value::Captured;
use crate::payload::item_list::ItemList;
use crate::payload::limits::{MAX_KEY_LENGTH, SideLimits};
use crate::payload::members::{Members, record};
use crate::payload::render::tape_renderer::key_text;
use crate::payload::tape::{Reader, Token, one_value, rendered, tag};
use crate::payload::text;

/// Bytes of payloads that share a buffer on their way to the worker, unless a single one is longer.
pub(crate) const MAX_SHARED: usize = 128 << 10;

/// A JSON object that is not rendered yet. Later members replace earlier ones of the same name.
#[derive(Clone, Default)]
pub(crate) struct Payload {
    /// Arguments and values. The members of an object are the payload's own; any other value is a member under the name after it,
    /// or `result`.
    pub(super) tape: Bytes,
}

impl Payload {
    /// Captures a value: an object as it is, `null` as nothing, anything else as `{"result": value}`.
    pub(crate) fn of<T: Serialize + ?Sized>(side: SideLimits, value: &T) -> Self {
        Self::lend(side, value, Self::copy_of)
    }

    /// As [`Payload::of`], and lends out the tape instead of keeping it.
    pub(crate) fn lend<T: Serialize + ?Sized, R>(
        side: SideLimits,
        value: &T,
        lend: impl FnOnce(&[u8]) -> R,
    ) -> R {
        record(side, |writer| writer.value(value), |tape| lend(one_value(tape)))
    }

    /// Captures members one by one.
    pub(crate) fn of_members(side: SideLimits, members: impl FnOnce(&mut Members<'_>)) -> Self {
        record(side, |writer| members(&mut Members { writer }), Self::copy_of)
    }

    /// Adds one member.
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) {
        self.merge(Self::of_members(SideLimits::default(), |members| members.insert(key, value)));
    }

    /// Adds the members of another payload, which replace those of the same name.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.is_empty() {
            self.tape = other.tape;
        } else if !other.is_empty() {
            self.tape = [&*self.tape, &*other.tape].concat().into();
        }
    }

    /// Adds the facts of a run as the member `metadata`, or as `run` to a payload that has a `metadata` of its own.
    pub(crate) fn add_facts(&mut self, facts: &Self) {
        if !facts.is_empty() {
            let name = if self.has_member("metadata") { "run" } else { "metadata" };
            let members =
                Self::of_members(SideLimits::default(), |members| members.insert_payload(name, facts));
            self.merge(members);
        }
    }

    /// Adds members, and keeps those that have their names already under the name with `_returned` added.
    pub(crate) fn set(&mut self, own: Self) {
        let displaced = Self::of_members(SideLimits::default(), |members| {
            let own = own.members();
            for (name, value) in self.members() {
                if own.iter().any(|(set, new)| *set == name && new.rest() != value.rest()) {
                    members.insert_tape(&format!("{name}_returned"), value.rest());
                }
            }
        });
        self.merge(displaced);
        self.merge(own);
    }

    /// Adds a member of another payload, unless there is one of that name.
    pub(crate) fn copy_member(&mut self, other: &Self, name: &str) {
        if let Some((json, _)) = rendered(&other.tape) {
            let members = serde_json::from_slice::<BTreeMap<String, &RawValue>>(json).unwrap_or_default();
            if let Some(value) = members.get(name).filter(|_| !self.has_member(name)) {
                self.insert(name, value);
            }
        } else if !self.has_member(name) {
            let members = other.members();
            if let Some((_, value)) = members.iter().find(|(member, _)| member == name) {
                let copy = Self::of_members(SideLimits::default(), |members| {
                    members.insert_tape(name, value.rest());
                });
                self.merge(copy);
            }
        }
    }

    pub(crate) fn has_member(&self, name: &str) -> bool {
        if let Some((json, _)) = rendered(&self.tape) {
            let members = serde_json::from_slice::<BTreeMap<String, &RawValue>>(json);
            return members.is_ok_and(|members| members.contains_key(name));
        }
        self.members().iter().any(|(member, _)| member == name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tape.is_empty()
    }

    /// The weight of the payload in the queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        Self::weight_of(self.tape.len())
    }

    /// The weight of a payload with a tape of this length.
    pub(crate) const fn weight_of(bytes: usize) -> usize {
        size_of::<Self>() + bytes
    }

    pub(crate) const fn from_tape(tape: Bytes) -> Self {
        Self { tape }
    }

    pub(crate) fn copy_of(tape: &[u8]) -> Self {
        Self { tape: Bytes::copy_from_slice(tape) }
    }

    pub(crate) fn tape(&self) -> &[u8] {
        &self.tape
    }

    fn is_rendered(&self) -> bool {
        self.tape.first() == Some(&tag::RENDERED)
    }

    /// Copies a payload out of the buffer that it shares with others: one that stays would keep all of that.
    pub(crate) fn detach(&mut self) {
        if !self.is_rendered() && self.tape.len() <= MAX_SHARED {
            self.tape = Bytes::copy_from_slice(&self.tape);
        }
    }

    /// Names and values, each name once.
    pub(super) fn members(&self) -> Vec<(Cow<'_, str>, Reader<'_>)> {
        let mut members = Vec::new();
        let mut reader = Reader::new(&self.tape);
        while let Some(next) = reader.tag() {
            if next == tag::ARGUMENTS {
                let named = reader.arguments(|name, value| {
                    set(&mut members, Cow::Borrowed(text::head(name, MAX_KEY_LENGTH, usize::MAX)), value);
                });
                if named.is_none() {
                    break;
                }
                continue;
            }
            let Some(mut value) = reader.value() else { break };
            if reader.tag() == Some(tag::NAME) {
                if let Some(Token::Name(name)) = reader.next() {
                    set(&mut members, Cow::Borrowed(name), value);
                }
            } else if value.tag() == Some(tag::OBJECT) {
                value.next();
                while let Some((key, value)) = key_text(&mut value).zip(value.value()) {
                    set(&mut members, key, value);
                }
            } else {
                set(&mut members, Cow::Borrowed("result"), value);
            }
        }
        members
    }
}

fn set<'a>(members: &mut Vec<(Cow<'a, str>, Reader<'a>)>, key: Cow<'a, str>, value: Reader<'a>) {
    match members.iter_mut().find(|(present, _)| *present == key) {
        Some(member) => member.1 = value,
        None => members.push((key, value)),
    }
}

impl Captured {
    /// The value as a payload: an object as it is, any other value as `result`. Called before anything else is captured.
    pub(crate) fn into_payload(self) -> Payload {
        self.with_tape(Payload::copy_of)
    }
}

impl Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are the user's data, which must not get into logs.
        formatter.debug_struct("Payload").field("bytes", &self.tape.len()).finish_non_exhaustive()
    }
}

impl Members<'_> {
    /// Adds one member, an object that was captured before.
    pub(crate) fn insert_payload(&mut self, key: &str, payload: &Payload) {
        self.writer.object(payload.members().into_iter().map(|(key, value)| (key, value.rest())));
        self.writer.name(key);
    }
}

impl ItemList {
    /// The list as a member of that name. Empty without items.
    pub(crate) fn to_member(&self, name: &str) -> Payload {
        if self.count == 0 {
            return Payload::default();
        }
        let left_out = Some(self.left_out).filter(|left_out| *left_out > 0);
        Payload::of_members(SideLimits::default(), |members| members.insert_list(name, &self.tape, left_out))
    }

    /// The member `output`: one text if all items are texts, else a list. Empty without items.
    pub(crate) fn to_payload(&self, side: SideLimits) -> Payload {
        if self.count == 0 {
            return Payload::default();
        }
        match self.joined() {
            Some(text) => Payload::of_members(side, |members| members.insert("output", &text)),
            None => Payload::of_members(side, |members| {
                let left_out = Some(self.left_out).filter(|left_out| *left_out > 0);
                members.insert_list("output", &self.tape, left_out);
            }),
        }
    }
}
