//! serde's data model onto the tape.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize};

use super::limits::{MAX_DEPTH, MAX_ELEMENTS, MAX_KEYS, MAX_WRAPPERS, MIN_ROOM, share};
use super::tape::{UNKNOWN, tag};
use super::writer::Writer;

/// As which `serde_json` passes JSON text through other serializers, and numbers of any precision.
const RAW_NAMES: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// The value goes no further: it failed, or it is cut. The reason would be thrown away, so it is not formatted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop;

impl Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the value is not captured any further")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl Writer {
    fn open(&mut self, tag: u8, len: Option<usize>, max: usize) -> Result<Compound<'_>, Stop> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        let outer_limit = self.limit;
        self.limit = share(self.position(), self.limit);
        self.depth += 1;
        self.tag(tag);
        Ok(Compound { writer: self, outer_limit, len, written: 0, max, levels: 1, state: State::Open })
    }

    fn open_variant(&mut self, variant: &str, tag: u8, len: usize, max: usize) -> Result<Compound<'_>, Stop> {
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

    #[cold]
    fn too_deep(&mut self) -> Stop {
        self.tag(tag::TOO_DEEP);
        self.is_settled = true;
        Stop
    }

    fn wrapped<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        if self.wrappers >= MAX_WRAPPERS {
            return Err(self.too_deep());
        }
        self.wrappers += 1;
        let outcome = value.serialize(&mut *self);
        self.wrappers -= 1;
        outcome
    }
}

macro_rules! numbers {
    ($($method:ident($type:ty) as $wide:ty => $tag:expr;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Stop> {
            self.number($tag, <$wide>::from(value).to_le_bytes());
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    numbers! {
        serialize_i8(i8) as i64 => tag::SIGNED;
        serialize_i16(i16) as i64 => tag::SIGNED;
        serialize_i32(i32) as i64 => tag::SIGNED;
        serialize_i64(i64) as i64 => tag::SIGNED;
        serialize_i128(i128) as i128 => tag::BIG_SIGNED;
        serialize_u8(u8) as u8 => tag::BYTE;
        serialize_u16(u16) as u64 => tag::UNSIGNED;
        serialize_u32(u32) as u64 => tag::UNSIGNED;
        serialize_u64(u64) as u64 => tag::UNSIGNED;
        serialize_u128(u128) as u128 => tag::BIG_UNSIGNED;
        serialize_f32(f32) as f32 => tag::FLOAT;
        serialize_f64(f64) as f64 => tag::DOUBLE;
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Stop> {
        self.tag(if value { tag::TRUE } else { tag::FALSE });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Stop> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Stop> {
        self.text(value);
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Stop> {
        self.text_of(format_args!("{value}"))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Stop> {
        self.byte_string(value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Stop> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        self.wrapped(value)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Stop> {
        self.tag(tag::NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stop> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stop> {
        self.key(variant);
        Ok(())
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        self.wrapped(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        let mut object = self.open(tag::OBJECT, Some(1), 1)?;
        object.member(variant, value)?;
        object.close();
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a>, Stop> {
        self.open(tag::LIST, len, MAX_ELEMENTS)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>, Stop> {
        self.open(tag::LIST, Some(len), MAX_ELEMENTS)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a>, Stop> {
        self.open(tag::LIST, Some(len), MAX_ELEMENTS)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, Stop> {
        self.open_variant(variant, tag::LIST, len, MAX_ELEMENTS)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a>, Stop> {
        self.open(tag::OBJECT, len, MAX_KEYS)
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'a>, Stop> {
        if RAW_NAMES.contains(&name) {
            let outer_limit = self.limit;
            return Ok(Compound {
                writer: self,
                outer_limit,
                len: None,
                written: 0,
                max: 1,
                levels: 0,
                state: State::Raw,
            });
        }
        self.open(tag::OBJECT, Some(len), MAX_KEYS)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, Stop> {
        self.open_variant(variant, tag::OBJECT, len, MAX_KEYS)
    }
}

/// A list or an object that is open.
#[derive(Debug)]
pub(super) struct Compound<'a> {
    writer: &'a mut Writer,
    /// The limit outside.
    outer_limit: usize,
    /// How many there will be, if the value has said so.
    len: Option<usize>,
    written: usize,
    max: usize,
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

impl Compound<'_> {
    /// Finds room for one more, or cuts here.
    #[inline]
    fn more(&mut self) -> Result<(), Stop> {
        if self.state == State::Closed || self.written >= self.max || self.writer.room() < MIN_ROOM {
            return Err(self.cut());
        }
        self.written += 1;
        Ok(())
    }

    /// An error that is handed up ends the user's loop: what is cut off costs nothing.
    #[cold]
    fn cut(&mut self) -> Stop {
        if self.state != State::Closed {
            let missing = self.len.map_or(UNKNOWN, |len| len.saturating_sub(self.written) as u64);
            self.writer.number(tag::CUT, missing.to_le_bytes());
            self.close();
        }
        self.writer.is_settled = true;
        Stop
    }

    #[inline]
    fn close(&mut self) {
        if self.state == State::Key {
            self.writer.tag(tag::NULL);
        }
        if self.state != State::Closed {
            for _ in 0..self.levels {
                self.writer.tag(tag::END);
            }
            self.writer.depth -= self.levels;
            self.writer.limit = self.outer_limit;
            self.state = State::Closed;
        }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.more()?;
        self.writer.value(value);
        Ok(())
    }

    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        if self.state == State::Raw {
            self.raw(value);
            return Ok(());
        }
        self.more()?;
        self.writer.key(key);
        self.writer.value(value);
        Ok(())
    }

    /// JSON text is taken whole, for the worker to look into, or shown as the text it is.
    fn raw<T: Serialize + ?Sized>(&mut self, value: &T) {
        let start = self.writer.position();
        let max_length = std::mem::replace(&mut self.writer.max_length, usize::MAX);
        self.writer.value(value);
        self.writer.max_length = max_length;
        match self.writer.buffer.get_mut(start) {
            Some(tag) if *tag == tag::TEXT => *tag = tag::RAW,
            Some(tag) if *tag == tag::CUT_TEXT => {
                self.writer.buffer.truncate(start);
                self.writer.value(value);
            }
            _ => {}
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
            type Error = Stop;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), Stop> {
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
            type Error = Stop;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Stop> {
                self.member(key, value)
            }

            #[inline]
            fn end(self) -> Result<(), Stop> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

of_members! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        if self.state == State::Key {
            self.writer.tag(tag::NULL);
            self.state = State::Open;
        }
        self.more()?;
        self.writer.key_of(key);
        self.state = State::Key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        if self.state != State::Key {
            self.more()?;
            self.writer.key("");
        }
        self.state = State::Open;
        self.writer.value(value);
        Ok(())
    }

    fn end(self) -> Result<(), Stop> {
        self.finish();
        Ok(())
    }
}
