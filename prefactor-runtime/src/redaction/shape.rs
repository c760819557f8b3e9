//! The shape of a secret after its beginning.

/// The kinds of text that a beginning may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A key as a service issues it: so many such characters at least.
    Key(Alphabet, u8),
    /// A key in two parts, with a dot or `_` between them: so many letters and digits of each.
    Parts(u8, u8),
    /// A key with a fixed text in its middle: the shapes before and after it.
    Around(Alphabet, u8, Alphabet, u8),
    /// An address that ends in a key: so many bytes of it at least.
    After(u8),
    /// A JSON web token: base64 with dots in it.
    Jwt,
    /// The text after the word in a header.
    Bearer,
    /// A private key, up to its end.
    Pem,
    /// An address, with a user and a password.
    Address,
    /// Part of a name which a value may follow.
    Name,
    /// An option or a program of the command line that a password may follow.
    Command,
    /// Where a text was cut, and its end may begin within a secret.
    Cut,
}

impl Shape {
    /// Whether the beginning is found in any case.
    pub(super) const fn is_any_case(self) -> bool {
        matches!(self, Self::Bearer | Self::Name | Self::Address | Self::Command)
    }
}

/// Of which characters a key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    Hex,
    /// Capital letters and digits.
    Capitals,
    Alnum,
    /// Letters, digits, `_` and `-`.
    Word,
    /// As `Word`, with letters and digits both.
    Mixed,
    /// As `Word`, and what else base64 and parts of keys have: `.+/=%|`.
    Base64,
}

impl Alphabet {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word | Self::Mixed => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"_-.+/=%|".contains(&byte),
        }
    }
}
