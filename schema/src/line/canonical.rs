//! Writes a value in canonical form: the rules of `README.md`, section 3, as a serializer.
//!
//! It knows what events are made of, and refuses the rest: no floats, no maps, no bytes. Members
//! come in the order in which the structs declare them, which must be that of their names. It is
//! several times faster than a general writer, and every line is written twice: once to make it,
//! and once by every reader to compare.

use super::atoms;
use serde::ser::{self, Impossible, Serialize};
use std::fmt;

/// What stands in no line.
#[derive(Debug)]
pub(super) struct NotCanonical(String);

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotCanonical {}

impl ser::Error for NotCanonical {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Gathers canonical bytes.
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Whether the next text is to be written as it is.
    raw: bool,
}

/// The name under which `RawValue` hands over a text that is to be written as it is; amounts use it.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

type Written = Result<(), NotCanonical>;

fn refused<T>(what: &str) -> Result<T, NotCanonical> {
    Err(NotCanonical(format!("no line holds {what}")))
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            raw: false,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// An object or a list that has been begun.
pub(super) struct Begun<'a> {
    writer: &'a mut Writer,
    /// The name of the last member, for the order.
    last: Option<&'static str>,
    end: &'static [u8],
    empty: bool,
}

impl<'a> Begun<'a> {
    fn new(writer: &'a mut Writer, start: &'static [u8], end: &'static [u8]) -> Self {
        writer.bytes.extend_from_slice(start);
        Self {
            writer,
            last: None,
            end,
            empty: true,
        }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.empty) {
            self.writer.bytes.push(b',');
        }
    }
}

impl ser::SerializeSeq for Begun<'_> {
    type Ok = ();
    type Error = NotCanonical;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.writer.bytes.extend_from_slice(self.end);
        Ok(())
    }
}

impl ser::SerializeStruct for Begun<'_> {
    type Ok = ();
    type Error = NotCanonical;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        if name == RAW_VALUE {
            self.writer.raw = true;
            return value.serialize(&mut *self.writer);
        }
        debug_assert!(
            self.last < Some(name),
            "{name} is not declared in the order of names"
        );
        self.last = Some(name);
        self.separate();
        self.writer.bytes.push(b'"');
        self.writer.bytes.extend_from_slice(name.as_bytes());
        self.writer.bytes.extend_from_slice(b"\":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.writer.bytes.extend_from_slice(self.end);
        Ok(())
    }
}

macro_rules! refuse {
    ($($name:ident($($argument:ty),*) -> $result:ty, $what:literal;)*) => {$(
        fn $name(self, $(_: $argument),*) -> Result<$result, NotCanonical> {
            refused($what)
        }
    )*};
}

macro_rules! integers {
    ($($signed:ident($small:ty))*; $($unsigned:ident($large:ty))*) => {
        $(fn $signed(self, number: $small) -> Written {
            self.serialize_i64(number.into())
        })*
        $(fn $unsigned(self, number: $large) -> Written {
            self.serialize_u64(number.into())
        })*
    };
}

type Never = Impossible<(), NotCanonical>;
type Name = &'static str;

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = NotCanonical;
    type SerializeSeq = Begun<'a>;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Begun<'a>;
    type SerializeStructVariant = Never;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32);
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
    }

    fn serialize_i64(self, number: i64) -> Written {
        if number < 0 {
            self.bytes.push(b'-');
        }
        atoms::push_unsigned(&mut self.bytes, number.unsigned_abs());
        Ok(())
    }

    fn serialize_u64(self, number: u64) -> Written {
        atoms::push_unsigned(&mut self.bytes, number);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.bytes
            .extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Written {
        if std::mem::take(&mut self.raw) {
            self.bytes.extend_from_slice(text.as_bytes());
        } else {
            atoms::push_text(&mut self.bytes, text);
        }
        Ok(())
    }

    fn serialize_none(self) -> Written {
        self.bytes.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: Name, _: u32, variant: Name) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: Name, value: &T) -> Written {
        value.serialize(self)
    }

    /// An object with one member: the variant's name.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: Name,
        _: u32,
        variant: Name,
        value: &T,
    ) -> Written {
        let mut object = Begun::new(self, b"{", b"}");
        ser::SerializeStruct::serialize_field(&mut object, variant, value)?;
        ser::SerializeStruct::end(object)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Begun<'a>, NotCanonical> {
        Ok(Begun::new(self, b"[", b"]"))
    }

    fn serialize_struct(self, name: Name, _: usize) -> Result<Begun<'a>, NotCanonical> {
        let (start, end): (&[u8], &[u8]) = if name == RAW_VALUE {
            (b"", b"")
        } else {
            (b"{", b"}")
        };
        Ok(Begun::new(self, start, end))
    }

    refuse! {
        serialize_f32(f32) -> (), "a float";
        serialize_f64(f64) -> (), "a float";
        serialize_char(char) -> (), "a single character";
        serialize_bytes(&[u8]) -> (), "bytes";
        serialize_unit() -> (), "a unit";
        serialize_unit_struct(Name) -> (), "a unit";
        serialize_tuple(usize) -> Never, "a tuple";
        serialize_tuple_struct(Name, usize) -> Never, "a tuple";
        serialize_tuple_variant(Name, u32, Name, usize) -> Never, "a tuple";
        serialize_map(Option<usize>) -> Never, "a map";
        serialize_struct_variant(Name, u32, Name, usize) -> Never, "a variant with data";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write(value: impl Serialize) -> Result<String, NotCanonical> {
        let mut writer = Writer::with_capacity(0);
        value.serialize(&mut writer)?;
        Ok(String::from_utf8(writer.into_bytes()).unwrap())
    }

    #[test]
    fn what_stands_in_no_line_is_refused() {
        assert!(write(1.0f64).is_err());
        assert!(write((1, 2)).is_err());
        assert!(write(std::collections::BTreeMap::from([("a", 1)])).is_err());
    }

    #[test]
    fn a_variant_with_data_is_an_object_with_its_name() {
        let either = |result: Result<u8, &str>| write(result).unwrap();
        assert_eq!(either(Ok(1)), "{\"Ok\":1}");
        assert_eq!(either(Err("a")), "{\"Err\":\"a\"}");
    }

    proptest! {
        #[test]
        fn texts_and_integers_are_written_as_serde_json_writes_them(
            text in any::<String>(),
            byte in 0u8..=127,
            signed in any::<i64>(),
            unsigned in any::<u64>(),
        ) {
            let text = format!("{text}{}", char::from(byte));
            prop_assert_eq!(write(&text).unwrap(), serde_json::to_string(&text).unwrap());
            prop_assert_eq!(write(signed).unwrap(), signed.to_string());
            prop_assert_eq!(write(unsigned).unwrap(), unsigned.to_string());
        }
    }
}
