//! JSON as our server writes it, read into shared types, and shared types written as JSON. It is small before anything else: serde_json's
//! own reading and writing of numbers brings tables of 20 KB, and reads every type in two ways. What an answer means is the caller's business.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

use serde::de::value::CowStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::ser::Serialize;
use serde_json::ser::Formatter;

use crate::number;

/// Lists in lists in lists: nothing of ours is as deep.
const DEEPEST: u8 = 100;
/// Whole numbers up to 2^53 are exact as `f64`, and powers of ten up to 10^22.
const EXACT_DIGITS: u64 = 1 << 53;
const EXACT_POWER: i32 = 22;

/// Why a text is not what was expected.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl serde::de::Error for Unreadable {
    #[cold]
    fn custom<T: Display>(message: T) -> Unreadable {
        Unreadable(message.to_string())
    }

    /// What was there instead can be read in the answer; saying it would bring the writing of numbers.
    #[cold]
    fn invalid_type(_: Unexpected, expected: &dyn Expected) -> Unreadable {
        Unreadable(format!("expected {expected}"))
    }

    #[cold]
    fn invalid_value(_: Unexpected, expected: &dyn Expected) -> Unreadable {
        Unreadable(format!("expected {expected}"))
    }
}

type Read<T> = Result<T, Unreadable>;

pub fn read<T: DeserializeOwned>(text: &str) -> Read<T> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    match reader.next() {
        None => Ok(value),
        Some(_) => Err(reader.expected("the end")),
    }
}

pub fn write(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    let mut written = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut written, Plain))?;
    // Whoever writes JSON writes UTF-8.
    Ok(String::from_utf8(written).unwrap_or_default())
}

/// Numbers as the browser writes them, whole ones without a point.
struct Plain;

impl Formatter for Plain {
    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, number: f32) -> io::Result<()> {
        self.write_f64(writer, number.into())
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        writer.write_all(number::written(number).as_bytes())
    }
}

enum Number {
    Whole(u64),
    Negative(i64),
    Decimal(f64),
}

struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
}

impl<'de> Reader<'de> {
    #[cold]
    fn expected(&self, what: &str) -> Unreadable {
        Unreadable(format!("expected {what} at {}", self.at))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next letter that is no space, which stays.
    #[inline(never)]
    fn next(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.byte()
    }

    #[inline(never)]
    fn take(&mut self, letter: u8, what: &str) -> Read<()> {
        if self.next() != Some(letter) {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Read<()> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    #[inline(never)]
    fn null(&mut self) -> Read<()> {
        self.next();
        self.literal("null")
    }

    #[inline(never)]
    fn boolean(&mut self) -> Read<bool> {
        let is_true = self.next() == Some(b't');
        self.literal(if is_true { "true" } else { "false" })?;
        Ok(is_true)
    }

    #[inline(never)]
    fn open(&mut self, letter: u8, what: &str) -> Read<()> {
        self.take(letter, what)?;
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.expected("less depth")) } else { Ok(()) }
    }

    /// Whether one more follows in a list or an object, whose end is taken.
    #[inline(never)]
    fn has_more(&mut self, is_first: &mut bool, end: u8) -> Read<bool> {
        let was_first = std::mem::replace(is_first, false);
        if self.next() == Some(end) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !was_first {
            self.take(b',', "a comma or the end of a list")?;
        }
        Ok(true)
    }

    /// A pair of numbers knows that it is whole before its list has ended.
    #[inline(never)]
    fn close(&mut self, depth: u8, end: u8) -> Read<()> {
        if self.depth > depth && self.has_more(&mut false, end)? {
            return Err(self.expected("the end of a list"));
        }
        Ok(())
    }

    #[inline(never)]
    fn string(&mut self) -> Read<Cow<'de, str>> {
        self.take(b'"', "text")?;
        let mut begin = self.at;
        let mut unescaped = String::new();
        loop {
            match self.byte() {
                None => return Err(self.expected("the end of a text")),
                Some(b'"') => break,
                Some(b'\\') => {
                    unescaped.push_str(&self.text[begin..self.at]);
                    self.at += 1;
                    unescaped.push(self.escaped()?);
                    begin = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        let rest = &self.text[begin..self.at];
        self.at += 1;
        Ok(if unescaped.is_empty() { Cow::Borrowed(rest) } else { Cow::Owned(unescaped + rest) })
    }

    fn escaped(&mut self) -> Read<char> {
        let letter = self.byte();
        self.at += 1;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => letter.into(),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                let mut code = self.hexadecimal()?;
                if (0xd800..0xdc00).contains(&code) {
                    // A letter beyond the first 65,536 comes as two.
                    self.literal("\\u")?;
                    let low = self.hexadecimal()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(self.expected("the other half of a letter"));
                    }
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(code).ok_or_else(|| self.expected("a letter"))?
            }
            _ => return Err(self.expected("an escaped letter")),
        })
    }

    fn hexadecimal(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at..self.at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        digits.ok_or_else(|| self.expected("four digits"))
    }

    #[inline(never)]
    fn number(&mut self) -> Read<Number> {
        self.next();
        let begin = self.at;
        let is_negative = self.byte() == Some(b'-');
        if is_negative {
            self.at += 1;
        }
        // None: more digits than are exact.
        let mut digits = Some(0_u64);
        let mut behind_the_point = None;
        while let Some(letter) = self.byte() {
            match letter {
                b'0'..=b'9' => {
                    digits = digits.and_then(|digits| digits.checked_mul(10)?.checked_add(u64::from(letter - b'0')));
                    behind_the_point = behind_the_point.map(|count: i32| count + 1);
                }
                b'.' if behind_the_point.is_none() => behind_the_point = Some(0),
                _ => break,
            }
            self.at += 1;
        }
        let has_exponent = matches!(self.byte(), Some(b'e' | b'E'));
        while has_exponent && matches!(self.byte(), Some(b'0'..=b'9' | b'e' | b'E' | b'+' | b'-')) {
            self.at += 1;
        }
        let written = &self.text[begin..self.at];
        if !written.ends_with(|letter: char| letter.is_ascii_digit()) {
            return Err(self.expected("a number"));
        }
        match (digits, behind_the_point) {
            (Some(digits), None) if !is_negative && !has_exponent => return Ok(Number::Whole(digits)),
            (Some(digits), None) if !has_exponent => {
                if let Some(number) = 0_i64.checked_sub_unsigned(digits) {
                    return Ok(Number::Negative(number));
                }
            }
            (Some(digits @ ..EXACT_DIGITS), Some(count @ ..=EXACT_POWER)) if !has_exponent => {
                let number = digits as f64 / (0..count).fold(1.0, |power, _| power * 10.0);
                return Ok(Number::Decimal(if is_negative { -number } else { number }));
            }
            _ => {}
        }
        number::read(written).map(Number::Decimal).ok_or_else(|| self.expected("a number"))
    }

    /// Reads over a value.
    fn skip(&mut self) -> Read<()> {
        match self.next() {
            Some(b'"') => self.string().map(drop),
            Some(b't' | b'f') => self.boolean().map(drop),
            Some(b'n') => self.null(),
            Some(open @ (b'[' | b'{')) => {
                self.open(open, "a list")?;
                let mut is_first = true;
                // In ASCII the closing bracket stands two after the opening one.
                while self.has_more(&mut is_first, open + 2)? {
                    if open == b'{' {
                        self.string()?;
                        self.take(b':', "a colon")?;
                    }
                    self.skip()?;
                }
                Ok(())
            }
            _ => self.number().map(drop),
        }
    }

    fn visit_number<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        match self.number()? {
            Number::Whole(number) => visitor.visit_u64(number),
            Number::Negative(number) => visitor.visit_i64(number),
            Number::Decimal(number) => visitor.visit_f64(number),
        }
    }

    fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn visit_list<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        let depth = self.depth;
        self.open(b'[', "a list")?;
        let value = visitor.visit_seq(Inside { reader: self, is_first: true })?;
        self.close(depth, b']')?;
        Ok(value)
    }

    fn visit_object<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        let depth = self.depth;
        self.open(b'{', "an object")?;
        let value = visitor.visit_map(Inside { reader: self, is_first: true })?;
        self.close(depth, b'}')?;
        Ok(value)
    }
}

macro_rules! read_as {
    ($how:ident: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            self.$how(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    read_as!(visit_number: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    read_as!(visit_number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64);
    read_as!(visit_string: deserialize_char deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf);
    read_as!(visit_list: deserialize_seq);
    read_as!(visit_object: deserialize_map);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.next() {
            Some(b'"') => self.visit_string(visitor),
            Some(b'[') => self.visit_list(visitor),
            Some(b'{') => self.visit_object(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            _ => self.visit_number(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let value = self.boolean()?;
        visitor.visit_bool(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.null()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.next() == Some(b'n') {
            self.null()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Read<V::Value> {
        self.visit_list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Read<V::Value> {
        self.visit_object(visitor)
    }

    /// `"variant"`, or `{"variant": what it holds}`.
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Read<V::Value> {
        if self.next() == Some(b'"') {
            return visitor.visit_enum(CowStrDeserializer::new(self.string()?));
        }
        self.open(b'{', "a variant")?;
        let value = visitor.visit_enum(&mut *self)?;
        match self.has_more(&mut true, b'}')? {
            false => Ok(value),
            true => Err(self.expected("one variant")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// A list or an object that is being read.
struct Inside<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl<'de> SeqAccess<'de> for Inside<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.reader.has_more(&mut self.is_first, b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Inside<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if self.reader.has_more(&mut self.is_first, b'}')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        self.reader.take(b':', "a colon")?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self)?;
        self.take(b':', "a colon")?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Read<()> {
        self.null()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Read<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        self.visit_list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Read<V::Value> {
        self.visit_object(visitor)
    }
}

#[cfg(test)]
mod tests;
