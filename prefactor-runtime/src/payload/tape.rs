//! The tape: captured values one after another, each a tag with its content.
//!
//! | tag | followed by |
//! |---|---|
//! | `NULL` `FALSE` `TRUE` and the placeholders | nothing |
//! | `BYTE` | 1 byte |
//! | `UNSIGNED` `SIGNED` `DOUBLE` | 8 bytes, as all numbers with the least first |
//! | `FLOAT` | 4 bytes |
//! | `BIG_UNSIGNED` `BIG_SIGNED` | 16 bytes |
//! | `TEXT` `NAME` | 4 bytes of length, then UTF-8 |
//! | `CUT_TEXT` | as a text, head and tail in one; then 4 bytes: the length of the head; 8 bytes: the number of missing characters between them |
//! | `RAW` | 4 bytes: the longest text in it, in characters; 4 bytes: the numbers in lists of numbers; then a `TEXT` that is JSON |
//! | `BYTES` | 8 bytes of length, 8 of hash, then the head as a text is |
//! | `LIST` | values, perhaps a `CUT`, then `END` |
//! | `OBJECT` | keys and values in turn, perhaps a `CUT`, then `END` |
//! | `SENSITIVE` | one value, then `END` |
//! | `CUT` | 8 bytes: how much is missing, or all ones |
//! | `ARGUMENTS` | 4 bytes: the number of the names of a function's arguments (`argument_names`); then for each name a value, or `OMITTED`; only where a member may begin, and read by `arguments` alone |
//! | `RENDERED` | 4 bytes of length, whose highest bit says that there are marks of sensitive values, then a JSON object, redacted; only at the front, and read by `rendered` alone |
//!
//! A payload is any number of values and arguments. A value that a `NAME` follows is the member of that name: a value is
//! captured before its name is known.

use super::argument_names;
use super::markers;
use super::text::Omitted;

pub(super) mod tag {
    pub(crate) const NULL: u8 = 0;
    pub(crate) const FALSE: u8 = 1;
    pub(crate) const TRUE: u8 = 2;
    pub(crate) const BYTE: u8 = 3;
    pub(crate) const UNSIGNED: u8 = 4;
    pub(crate) const SIGNED: u8 = 5;
    pub(crate) const DOUBLE: u8 = 6;
    pub(crate) const FLOAT: u8 = 7;
    pub(crate) const BIG_UNSIGNED: u8 = 8;
    pub(crate) const BIG_SIGNED: u8 = 9;
    pub(crate) const TEXT: u8 = 10;
    /// A text of which a part is missing.
    pub(crate) const CUT_TEXT: u8 = 11;
    /// JSON text.
    pub(crate) const RAW: u8 = 12;
    pub(crate) const BYTES: u8 = 13;
    pub(crate) const LIST: u8 = 14;
    pub(crate) const OBJECT: u8 = 15;
    pub(crate) const END: u8 = 16;
    pub(crate) const CUT: u8 = 17;
    pub(crate) const NAME: u8 = 18;
    pub(crate) const FAILED: u8 = 19;
    pub(crate) const PANICKED: u8 = 20;
    pub(crate) const TOO_DEEP: u8 = 21;
    /// A lock that was held.
    pub(crate) const LOCKED: u8 = 22;
    /// Around a value that the platform keeps apart.
    pub(crate) const SENSITIVE: u8 = 23;
    /// The arguments of a call.
    pub(crate) const ARGUMENTS: u8 = 24;
    /// In the place of an argument that is not captured.
    pub(crate) const OMITTED: u8 = 25;
    /// A whole payload as JSON text.
    pub(crate) const RENDERED: u8 = 26;
}

/// How much is missing where nobody knows.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// The bit of a count that is of bytes.
const IN_BYTES: u64 = 1 << 63;

/// The missing part of a text, as it stands on the tape.
pub(super) fn omitted(omitted: Omitted) -> u64 {
    match omitted {
        Omitted::Characters(count) => count & !IN_BYTES,
        Omitted::Bytes(count) => count | IN_BYTES,
        Omitted::Unknown => UNKNOWN,
    }
}

fn read_omitted(count: u64) -> Omitted {
    match count {
        UNKNOWN => Omitted::Unknown,
        count if count & IN_BYTES != 0 => Omitted::Bytes(count & !IN_BYTES),
        count => Omitted::Characters(count),
    }
}

/// The next token of the reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Null,
    Bool(bool),
    Byte(u8),
    Unsigned(u64),
    Signed(i64),
    Double(f64),
    Float(f32),
    BigUnsigned(u128),
    BigSigned(i128),
    Text(&'a str),
    CutText { head: &'a str, tail: &'a str, omitted: Omitted },
    Raw { json: &'a str, max_length: u32, max_numbers: u32 },
    Bytes { len: u64, hash: u64, head: &'a [u8] },
    List,
    Object,
    Sensitive,
    End,
    Cut(Option<u64>),
    Name(&'a str),
    Placeholder(&'static str),
}

/// Reads a tape. Where the tape is cut or corrupt, it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(tape: &'a [u8]) -> Self {
        Self { rest: tape }
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        self.next_with(|bytes| std::str::from_utf8(bytes).ok())
    }

    fn next_with(&mut self, text: impl Fn(&'a [u8]) -> Option<&'a str>) -> Option<Token<'a>> {
        let token = self.read(text);
        if token.is_none() {
            self.rest = &[];
        }
        token
    }

    /// A reader of so many bytes at most.
    pub(super) fn head(self, max: usize) -> Self {
        Self { rest: self.rest.get(..max).unwrap_or(self.rest) }
    }

    /// The unread part.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// The next tag, without reading it.
    pub(super) fn tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Goes past a text that stands here, given as its bytes, if `takes` has dealt with it.
    pub(super) fn take_text_if(&mut self, takes: impl FnOnce(&'a [u8]) -> bool) -> bool {
        let mut next = *self;
        let text =
            (self.tag() == Some(tag::TEXT)).then(|| next.array::<1>().and_then(|_| next.bytes())).flatten();
        let is_taken = text.is_some_and(takes);
        if is_taken {
            *self = next;
        }
        is_taken
    }

    /// Goes past one value and gives a reader of it alone. `None` where there is none. Its texts are looked at by the
    /// one who reads them.
    pub(super) fn value(&mut self) -> Option<Self> {
        let before = self.rest;
        let mut open = 0_usize;
        loop {
            match self.next_with(|_| Some(""))? {
                Token::List | Token::Object | Token::Sensitive => open += 1,
                Token::End => open = open.checked_sub(1)?,
                Token::Cut(_) | Token::Name(_) if open == 0 => return None,
                _ => {}
            }
            if open == 0 {
                let (value, _) = before.split_at(before.len() - self.rest.len());
                return Some(Self { rest: value });
            }
        }
    }

    /// Goes past the arguments of a call that stand here, and gives each that was captured under its name. `None` where there
    /// are none, or the tape ends among them.
    pub(super) fn arguments(&mut self, mut each: impl FnMut(&'static str, Self)) -> Option<()> {
        let (names, _) = argument_names::of_number(self.arguments_number()?)?;
        for name in names {
            if self.tag() == Some(tag::OMITTED) {
                self.omitted();
            } else {
                each(name, self.value()?);
            }
        }
        Some(())
    }

    /// The number of the names of arguments, and goes on to the first of these.
    pub(super) fn arguments_number(&mut self) -> Option<u32> {
        if self.tag() != Some(tag::ARGUMENTS) {
            return None;
        }
        self.array::<1>()?;
        Some(u32::from_le_bytes(self.array()?))
    }

    /// Goes past an argument that was not captured.
    pub(super) fn omitted(&mut self) {
        self.array::<1>();
    }

    fn read(&mut self, text: impl Fn(&'a [u8]) -> Option<&'a str>) -> Option<Token<'a>> {
        let [tag] = self.array()?;
        Some(match tag {
            tag::NULL => Token::Null,
            tag::FALSE => Token::Bool(false),
            tag::TRUE => Token::Bool(true),
            tag::BYTE => Token::Byte(u8::from_le_bytes(self.array()?)),
            tag::UNSIGNED => Token::Unsigned(u64::from_le_bytes(self.array()?)),
            tag::SIGNED => Token::Signed(i64::from_le_bytes(self.array()?)),
            tag::DOUBLE => Token::Double(f64::from_le_bytes(self.array()?)),
            tag::FLOAT => Token::Float(f32::from_le_bytes(self.array()?)),
            tag::BIG_UNSIGNED => Token::BigUnsigned(u128::from_le_bytes(self.array()?)),
            tag::BIG_SIGNED => Token::BigSigned(i128::from_le_bytes(self.array()?)),
            tag::TEXT => Token::Text(text(self.bytes()?)?),
            tag::CUT_TEXT => {
                let text = text(self.bytes()?)?;
                let head = usize::try_from(u32::from_le_bytes(self.array()?)).ok()?;
                let omitted = read_omitted(u64::from_le_bytes(self.array()?));
                let (head, tail) = text.split_at_checked(head).unwrap_or((text, ""));
                Token::CutText { head, tail, omitted }
            }
            tag::RAW => {
                let max_length = u32::from_le_bytes(self.array()?);
                let max_numbers = u32::from_le_bytes(self.array()?);
                let [tag::TEXT] = self.array()? else { return None };
                Token::Raw { json: text(self.bytes()?)?, max_length, max_numbers }
            }
            tag::BYTES => Token::Bytes {
                len: u64::from_le_bytes(self.array()?),
                hash: u64::from_le_bytes(self.array()?),
                head: self.bytes()?,
            },
            tag::LIST => Token::List,
            tag::OBJECT => Token::Object,
            tag::SENSITIVE => Token::Sensitive,
            tag::END => Token::End,
            tag::CUT => {
                Token::Cut(Some(u64::from_le_bytes(self.array()?)).filter(|missing| *missing != UNKNOWN))
            }
            tag::NAME => Token::Name(text(self.bytes()?)?),
            tag::FAILED => Token::Placeholder(markers::FAILED),
            tag::PANICKED => Token::Placeholder(markers::PANICKED),
            tag::TOO_DEEP => Token::Placeholder(markers::TOO_DEEP),
            tag::LOCKED => Token::Placeholder(markers::LOCKED),
            _ => return None,
        })
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*array)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(u32::from_le_bytes(self.array()?)).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }
}

/// Bytes before the JSON text of a rendered payload.
pub(super) const RENDERED_HEAD: usize = 5;
/// In the length of a payload that was rendered. No rendering is longer than `MAX_PAYLOAD`.
const HAS_MARKS: u32 = 1 << 31;

/// The JSON text of a payload that was rendered, and the members that were added since.
pub(super) fn rendered(tape: &[u8]) -> Option<(&[u8], &[u8])> {
    let [tag::RENDERED, rest @ ..] = tape else { return None };
    let (len, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*len) & !HAS_MARKS).ok()?)
}

/// The bytes ahead of a payload that was rendered.
pub(super) fn rendered_head(length: usize, has_marks: bool) -> [u8; RENDERED_HEAD] {
    let marks = if has_marks { HAS_MARKS } else { 0 };
    let [a, b, c, d] = (u32::try_from(length).unwrap_or(0) | marks).to_le_bytes();
    [tag::RENDERED, a, b, c, d]
}

/// Whether there are marks of sensitive values in a payload that was rendered.
pub(super) fn rendered_has_marks(tape: &[u8]) -> bool {
    matches!(tape, [tag::RENDERED, _, _, _, last, ..] if last & 0x80 != 0)
}

/// One value without a name: nothing where it is `null` or `{}`.
pub(super) fn one_value(tape: &[u8]) -> &[u8] {
    if matches!(tape, [tag::NULL] | [tag::OBJECT, tag::END]) { &[] } else { tape }
}
