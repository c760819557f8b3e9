//! serde's data model onto the tape.

use std::fmt::Display;

use serde::ser::{self, Serialize};

use crate::payload::capture::compound::Compound;
use crate::payload::capture::error::CaptureError;
use crate::payload::capture::writer::Writer;
use crate::payload::limits::{MAX_ELEMENTS, MAX_KEYS, MAX_WRAPPERS};
use crate::payload::tape::tag;
use crate::payload::text::Form;

/// As which `serde_json` passes JSON text through other serializers, and numbers of any precision.
const RAW_NAMES: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// As which [`Sensitive`](crate::Sensitive) passes a value through serializers.
const SENSITIVE_NAME: &str = "$prefactor::private::Sensitive";

impl Writer {
    #[cold]
    fn sensitive<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CaptureError> {
        if self.wrappers >= MAX_WRAPPERS {
            return Err(self.too_deep());
        }
        self.wrappers += 1;
        self.tag(tag::SENSITIVE);
        self.value(value);
        self.tag(tag::END);
        self.wrappers -= 1;
        Ok(())
    }

    fn wrapped<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CaptureError> {
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
        fn $method(self, value: $type) -> Result<(), CaptureError> {
            self.number($tag, <$wide>::from(value).to_le_bytes());
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = CaptureError;
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
    fn serialize_bool(self, value: bool) -> Result<(), CaptureError> {
        self.tag(if value { tag::TRUE } else { tag::FALSE });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), CaptureError> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), CaptureError> {
        self.text(value);
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), CaptureError> {
        self.text_of(Form::Display, format_args!("{value}"))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), CaptureError> {
        self.byte_string(value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<(), CaptureError> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CaptureError> {
        self.wrapped(value)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), CaptureError> {
        self.tag(tag::NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CaptureError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), CaptureError> {
        self.key(variant);
        Ok(())
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CaptureError> {
        if name == SENSITIVE_NAME {
            return self.sensitive(value);
        }
        self.wrapped(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CaptureError> {
        let mut object = self.open(tag::OBJECT, Some(1), 1)?;
        object.member(variant, value)?;
        object.close();
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a>, CaptureError> {
        self.open(tag::LIST, len, MAX_ELEMENTS)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>, CaptureError> {
        self.open(tag::LIST, Some(len), MAX_ELEMENTS)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a>, CaptureError> {
        self.open(tag::LIST, Some(len), MAX_ELEMENTS)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, CaptureError> {
        self.open_variant(variant, tag::LIST, len, MAX_ELEMENTS)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a>, CaptureError> {
        self.open(tag::OBJECT, len, MAX_KEYS)
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'a>, CaptureError> {
        if RAW_NAMES.contains(&name) {
            return Ok(self.open_raw());
        }
        self.open(tag::OBJECT, Some(len), MAX_KEYS)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, CaptureError> {
        self.open_variant(variant, tag::OBJECT, len, MAX_KEYS)
    }
}
