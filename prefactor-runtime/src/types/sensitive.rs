//! Values that the platform stores apart.

use std::fmt;

use serde::{Serialize, Serializer};

/// As which a sensitive value passes through serializers. Ours knows it; to others it is the value alone.
pub(crate) const NAME: &str = "$prefactor::private::Sensitive";

/// A value that the platform is to treat as sensitive: it stores it apart, shows it to those who may see it, and can forget it.
///
/// In a payload or a result, every text and number in the value is sent with the platform's mark,
/// `{"$sensitive": "string", "value": …}`, and is not redacted. Processors are given `[REDACTED]`. Source of the format: the
/// platform's API, `sensitive_encoding`.
///
/// The mark is made where a span captures the value. `serde_json::json!` and other serializers see the value alone, so wrap
/// it in a type of your own, a map or the payload itself. `Debug` does not show it.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use prefactor::{Sensitive, span};
///
/// #[span("agent:look_up", sensitive(email))]
/// fn look_up(email: &str) -> BTreeMap<&str, Sensitive<String>> {
///     BTreeMap::from([("address", Sensitive(format!("of {email}")))])
/// }
/// # look_up("a@example.com");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sensitive<T: ?Sized>(pub T);

impl<T: Serialize + ?Sized> Serialize for Sensitive<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.0)
    }
}

impl<T: ?Sized> fmt::Debug for Sensitive<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sensitive(***)")
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
