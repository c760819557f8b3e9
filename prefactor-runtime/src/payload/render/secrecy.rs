//! How secret a value is, by its name.

/// How secret the values under a name are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// The name says nothing: the shape of a text decides.
    #[default]
    Open,
    /// The program allows the name: its texts stay as they are, in any shape.
    Allowed,
    /// The name is used for secrets and for ordinary data: `token`, `auth`, `cookie`. A text's looks decide.
    Doubtful,
    /// As `Doubtful`, and for all that is inside of an object under the name: `credentials`, `cookies`.
    DoubtfulAll,
    /// As `Doubtful`, but a UUID is an id, not a secret: `session`.
    DoubtfulId,
    /// The name is one of a password or of a working folder: `pwd`. Paths stay.
    NotAPath,
    /// Numbers that are secrets: `pin`, `cvv`, `card_number`, `iban`. Numbers are hidden too.
    Digits,
    /// Every text is a secret: `password`, `api_key`.
    Secret,
}

impl Secrecy {
    /// The secrecy of an object under such a name. The names inside of it decide, but under the name of a secret.
    pub(crate) fn of_object(self) -> Self {
        match self {
            Self::Secret | Self::DoubtfulAll => self,
            Self::Digits => Self::DoubtfulAll,
            _ => Self::Open,
        }
    }

    /// The secrecy of a member of such a name inside of an object of such secrecy: the stricter of the two.
    pub(crate) fn within(self, outer: Self) -> Self {
        match (self, outer) {
            (Self::Allowed, _) | (_, Self::Open) | (Self::Secret | Self::NotAPath, Self::DoubtfulAll) => self,
            (Self::Digits, _) => Self::Digits,
            (_, outer) => outer,
        }
    }
}
