//! Lists and objects on their way onto the tape, element by element.

use serde::ser::{self, Serialize};

use crate::payload::capture::error::CaptureError;
use crate::payload::capture::writer::{SerializeInto, Writer};
use crate::payload::limits::{MAX_DEPTH, MIN_NUMBERS, MIN_ROOM, nested_limit};
use crate::payload::tape::{Reader, UNKNOWN, tag};

/// A list or an object that is open.
#[derive(Debug)]
pub(crate) struct Compound<'a> {
    writer: &'a mut Writer,
    /// The limit outside.
    outer_limit: usize,
    /// How many there will be, if the value has said so.
    len: Option<usize>,
    written: usize,
    /// How many there may be until it is asked what they are.
    max: usize,
    /// How many there may be.
    limit: usize,
    /// Where the first is on the tape.
    start: usize,
    /// Whether the elements are numbers and nothing else, as far as was looked.
    is_numbers: bool,
    /// How many ends it takes: two for a variant.
    levels: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// An object's key is written, and its value is not.
    Key,
    /// JSON text: no object around it.
    Raw,
    Closed,
}

impl Writer {
    pub(crate) fn open(
        &mut self,
        tag: u8,
        len: Option<usize>,
        max: usize,
    ) -> Result<Compound<'_>, CaptureError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        let outer_limit = self.limit;
        self.limit = nested_limit(self.position(), self.limit);
        self.depth += 1;
        self.tag(tag);
        let (start, limit) = (self.position(), max);
        let max = if tag == tag::LIST { limit.min(MIN_NUMBERS) } else { limit };
        Ok(Compound {
            writer: self,
            outer_limit,
            len,
            written: 0,
            max,
            limit,
            start,
            is_numbers: false,
            levels: 1,
            state: State::Open,
        })
    }

    pub(crate) fn open_variant(
        &mut self,
        variant: &str,
        tag: u8,
        len: usize,
        max: usize,
    ) -> Result<Compound<'_>, CaptureError> {
        if self.depth + 1 >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.tag(tag::OBJECT);
        self.depth += 1;
        self.key(variant);
        let mut compound = self.open(tag, Some(len), max)?;
        compound.levels = 2;
        Ok(compound)
    }

    /// JSON text: the object that `serde_json` puts around it is none.
    pub(crate) fn open_raw(&mut self) -> Compound<'_> {
        let outer_limit = self.limit;
        Compound {
            writer: self,
            outer_limit,
            len: None,
            written: 0,
            max: 1,
            limit: 1,
            start: 0,
            is_numbers: false,
            levels: 0,
            state: State::Raw,
        }
    }

    #[cold]
    pub(crate) fn too_deep(&mut self) -> CaptureError {
        self.tag(tag::TOO_DEEP);
        self.is_settled = true;
        CaptureError
    }
}

impl Compound<'_> {
    /// Finds room for one more, or cuts here.
    fn more(&mut self) -> Result<(), CaptureError> {
        if self.state == State::Closed || self.written >= self.max || self.writer.room() < MIN_ROOM {
            self.go_on()?;
        }
        self.written += 1;
        Ok(())
    }

    /// Goes on where no more than the first elements of a list were allowed, or cuts here.
    #[cold]
    fn go_on(&mut self) -> Result<(), CaptureError> {
        let is_asked = self.state == State::Open && self.max < self.limit && !self.is_numbers;
        if is_asked && self.writer.room() >= MIN_ROOM {
            self.is_numbers = self.has_numbers_only();
            let more = if self.is_numbers { self.writer.numbers_left } else { usize::MAX };
            self.max = self.max.saturating_add(more).min(self.limit);
        }
        if self.written < self.max && self.state != State::Closed && self.writer.room() >= MIN_ROOM {
            Ok(())
        } else {
            Err(self.cut())
        }
    }

    /// Whether what was written so far are numbers, and no bytes, which are shown in another way.
    fn has_numbers_only(&self) -> bool {
        let mut reader = Reader::new(self.writer.buffer.get(self.start..).unwrap_or_default());
        (0..self.written).all(|_| {
            let is_number = matches!(
                reader.tag(),
                Some(
                    tag::UNSIGNED
                        | tag::SIGNED
                        | tag::DOUBLE
                        | tag::FLOAT
                        | tag::BIG_UNSIGNED
                        | tag::BIG_SIGNED
                )
            );
            is_number && reader.next().is_some()
        })
    }

    /// An error that is handed up ends the user's loop: elements that are cut off cost nothing.
    #[cold]
    fn cut(&mut self) -> CaptureError {
        if self.state != State::Closed {
            let missing = self.len.map_or(UNKNOWN, |len| len.saturating_sub(self.written) as u64);
            self.writer.number(tag::CUT, missing.to_le_bytes());
            self.close();
        }
        self.writer.is_settled = true;
        CaptureError
    }

    pub(crate) fn close(&mut self) {
        if self.state == State::Key {
            self.writer.tag(tag::NULL);
        }
        if self.state != State::Closed {
            if self.is_numbers {
                let counted = self.written.saturating_sub(MIN_NUMBERS);
                self.writer.numbers_left = self.writer.numbers_left.saturating_sub(counted);
            }
            for _ in 0..self.levels {
                self.writer.tag(tag::END);
            }
            self.writer.depth -= self.levels;
            self.writer.limit = self.outer_limit;
            self.state = State::Closed;
        }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CaptureError> {
        self.more()?;
        self.writer.value(value);
        Ok(())
    }

    #[inline]
    pub(crate) fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), CaptureError> {
        self.member_by(key, &mut |writer| value.serialize(writer))
    }

    /// The part that does not depend on the value's type is compiled once, in this crate.
    fn member_by(&mut self, key: &str, serialize: &mut SerializeInto<'_>) -> Result<(), CaptureError> {
        if self.state == State::Raw {
            self.raw(serialize);
            return Ok(());
        }
        self.more()?;
        self.writer.key(key);
        self.writer.attempt(serialize);
        Ok(())
    }

    /// JSON text is taken whole, for the worker to look into, or shown as the text it is.
    fn raw(&mut self, serialize: &mut SerializeInto<'_>) {
        let start = self.writer.position();
        let max_length = std::mem::replace(&mut self.writer.max_length, usize::MAX);
        let in_32_bits = |max: usize| u32::try_from(max).unwrap_or(u32::MAX).to_le_bytes();
        self.writer.number(tag::RAW, in_32_bits(max_length));
        self.writer.buffer.extend_from_slice(&in_32_bits(self.writer.numbers_left));
        let text = self.writer.position();
        self.writer.attempt(serialize);
        self.writer.max_length = max_length;
        if self.writer.buffer.get(text) != Some(&tag::TEXT) {
            self.writer.buffer.truncate(start);
            self.writer.attempt(serialize);
        }
        self.state = State::Closed;
    }

    fn finish(mut self) {
        if self.state == State::Raw {
            self.writer.tag(tag::NULL);
            self.state = State::Closed;
        }
        self.close();
    }
}

macro_rules! of_elements {
    ($($trait:ident $method:ident;)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = CaptureError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CaptureError> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), CaptureError> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

of_elements! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! of_members {
    ($($trait:ident)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = CaptureError;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), CaptureError> {
                self.member(key, value)
            }

            #[inline]
            fn end(self) -> Result<(), CaptureError> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

of_members! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = CaptureError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CaptureError> {
        if self.state == State::Key {
            self.writer.tag(tag::NULL);
            self.state = State::Open;
        }
        self.more()?;
        self.writer.key_of(key);
        self.state = State::Key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CaptureError> {
        if self.state != State::Key {
            self.more()?;
            self.writer.key("");
        }
        self.state = State::Open;
        self.writer.value(value);
        Ok(())
    }

    fn end(self) -> Result<(), CaptureError> {
        self.finish();
        Ok(())
    }
}
