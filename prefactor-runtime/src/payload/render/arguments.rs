//! The arguments of a call, which most payloads are and nothing else: rendered in one pass, as the members of an object.

use crate::payload::argument_names::{self, Names};
use crate::payload::render::json_writer::JsonWriter;
use crate::payload::render::siblings::{MAX_MEMBERS, Siblings, text};
use crate::payload::render::tape_renderer::Missing;
use crate::payload::tape::{Reader, tag};

/// Arguments whose names are all different and short.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    names: Names,
    values: Reader<'a>,
}

impl<'a> Arguments<'a> {
    /// Those with which a tape begins.
    pub(crate) fn at(mut tape: Reader<'a>) -> Option<Self> {
        let (names, is_plain) = argument_names::of_number(tape.arguments_number()?)?;
        is_plain.then_some(Self { names, values: tape })
    }

    /// Goes on to the next that was captured, whose value is then to be read.
    fn next(&mut self) -> Option<&'static str> {
        loop {
            let (name, rest) = self.names.split_first()?;
            self.names = rest;
            if self.values.tag() != Some(tag::OMITTED) {
                return Some(name);
            }
            self.values.omitted();
        }
    }
}

impl Siblings for Arguments<'_> {
    fn find(&self, is_found: &mut dyn FnMut(&str, Option<&str>) -> bool) {
        let mut all = *self;
        for _ in 0..MAX_MEMBERS {
            let Some((name, value)) = all.next().zip(all.values.value()) else { return };
            if is_found(name, text(value)) {
                return;
            }
        }
    }
}

impl JsonWriter<'_> {
    /// Writes them as an object, and returns whether they are all values of the tape. If not, the caller discards the written text.
    pub(crate) fn arguments(&mut self, mut arguments: Arguments<'_>) -> bool {
        let siblings = arguments;
        self.inside("{", "}", |inside| {
            let mut is_first = true;
            while let Some(name) = arguments.next() {
                if !inside.has_room() {
                    let mut missing = 0;
                    while arguments.values.value().is_some() {
                        missing += 1;
                        arguments.next();
                    }
                    inside.push(if is_first { "" } else { "," });
                    return inside.truncated(Missing::Known(missing));
                }
                inside.member(name, std::mem::take(&mut is_first), &siblings, |inside| {
                    inside.value(name, &mut arguments.values);
                });
            }
        });
        arguments.values.tag().is_none()
    }
}
