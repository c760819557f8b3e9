//! Declares the members of requests and queries, and the types of their values.

use serde::Serialize;
use serde_json::{Map, Value};

/// The members of a request's body, as they will be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// Sets a member. A value that cannot be serialized becomes `null`, as with [`Json::of`](crate::Json::of).
    pub(super) fn set(&mut self, name: &str, value: impl Serialize) {
        self.0.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
    }

    /// A body of which these are the `details`.
    pub(super) fn wrapped(&self) -> Self {
        Self(Map::from_iter([("details".to_owned(), Value::Object(self.0.clone()))]))
    }
}

/// The filters of a list, as they stand in its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query(pub(super) Vec<(&'static str, String)>);

impl Query {
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.retain(|(present, _)| *present != name);
        self.0.push((name, value.into()));
    }

    /// The path with these filters behind it.
    pub(super) fn behind(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (number, (name, value)) in self.0.iter().enumerate() {
            address.push(if number == 0 { '?' } else { '&' });
            address.extend([name, "=", &crate::wire::percent_encoded(value)]);
        }
        address
    }
}

/// Declares the type of a request's body: a constructor with the required members, and a method for each other member.
macro_rules! request {
    ($(#[$doc:meta])* $name:ident() { $($members:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[must_use = "it does nothing until it is sent"]
        pub struct $name {
            pub(super) fields: $crate::api::fields::Fields,
        }

        impl $name {
            /// One without members or conditions.
            pub fn new() -> Self {
                Self::default()
            }
        }

        $crate::api::fields::members! { $name { $($members)* } }
    };
    ($(#[$doc:meta])* $name:ident($($required:ident),+) { $($members:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[must_use = "it does nothing until it is sent"]
        pub struct $name {
            pub(super) fields: $crate::api::fields::Fields,
        }

        impl $name {
            /// The members that the API requires, and no others.
            pub fn new($($required: impl Into<String>),+) -> Self {
                let mut fields = $crate::api::fields::Fields::default();
                $(fields.set(stringify!($required), $required.into());)+
                Self { fields }
            }
        }

        $crate::api::fields::members! { $name { $($members)* } }
    };
}

/// The methods of a request.
macro_rules! members {
    ($name:ident { $($(#[$doc:meta])* $method:ident($field:literal $kind:ident))* }) => {
        impl $name {
            $($crate::api::fields::member!($(#[$doc])* $method, $field, $kind);)*
        }
    };
}

/// One method of a request.
macro_rules! member {
    ($(#[$doc:meta])* $method:ident, $field:literal, text) => {
        $(#[$doc])*
        pub fn $method(mut self, text: impl Into<String>) -> Self {
            self.fields.set($field, text.into());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, null) => {
        $(#[$doc])*
        pub fn $method(mut self) -> Self {
            self.fields.set($field, ());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, id) => {
        $(#[$doc])*
        pub fn $method(mut self, id: $crate::types::pfid::Pfid) -> Self {
            self.fields.set($field, id.to_string());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, time) => {
        $(#[$doc])*
        pub fn $method(mut self, time: std::time::SystemTime) -> Self {
            self.fields.set($field, $crate::api::fields::rfc3339(time));
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, json) => {
        $(#[$doc])*
        pub fn $method<T: serde::Serialize + ?Sized>(mut self, value: &T) -> Self {
            self.fields.set($field, value);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, object) => {
        $(#[$doc])*
        pub fn $method<T: serde::Serialize + ?Sized>(mut self, value: &T) -> Self {
            self.fields.set($field, $crate::api::fields::object(value));
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, switch) => {
        $(#[$doc])*
        pub fn $method(mut self, is_so: bool) -> Self {
            self.fields.set($field, is_so);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, severity) => {
        $(#[$doc])*
        pub fn $method(mut self, severity: $crate::types::alert::Severity) -> Self {
            self.fields.set($field, severity.as_str());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, span_status) => {
        $(#[$doc])*
        pub fn $method(mut self, status: $crate::types::status::SpanStatus) -> Self {
            self.fields.set($field, status.as_str());
            self
        }
    };
}

/// Declares the query of a request.
macro_rules! query {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$method_doc:meta])* $method:ident($field:literal $kind:ident))* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[must_use = "it does nothing by itself"]
        pub struct $name {
            pub(super) query: $crate::api::fields::Query,
        }

        impl $name {
            /// One without members or conditions.
            pub fn new() -> Self {
                Self::default()
            }

            $($crate::api::fields::condition!($(#[$method_doc])* $method, $field, $kind);)*
        }
    };
}

/// Declares the filters of a list.
macro_rules! filter {
    ($(#[$doc:meta])* $name:ident { $($conditions:tt)* }) => {
        $crate::api::fields::query! { $(#[$doc])* $name { $($conditions)* } }

        impl $name {
            /// How many objects come with one request, from 1 to 100. Default: 100.
            pub fn page_size(mut self, size: u8) -> Self {
                self.query.set("pagination[page_size]", size.clamp(1, 100).to_string());
                self
            }

            /// The order: a member of the objects, such as `id` or `started_at`, and whether the greatest comes first.
            pub fn sorted_by(mut self, member: impl Into<String>, is_descending: bool) -> Self {
                self.query.set("sorting[field]", member);
                self.query.set("sorting[direction]", if is_descending { "desc" } else { "asc" });
                self
            }
        }
    };
}

/// One condition of a filter.
macro_rules! condition {
    ($(#[$doc:meta])* $method:ident, $field:literal, text) => {
        $(#[$doc])*
        pub fn $method(mut self, text: impl std::fmt::Display) -> Self {
            self.query.set($field, text.to_string());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, flag) => {
        $(#[$doc])*
        pub fn $method(mut self) -> Self {
            self.query.set($field, "true");
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, time) => {
        $(#[$doc])*
        pub fn $method(mut self, time: std::time::SystemTime) -> Self {
            self.query.set($field, $crate::api::fields::rfc3339(time));
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:literal, severity) => {
        $(#[$doc])*
        pub fn $method(mut self, severity: $crate::types::alert::Severity) -> Self {
            self.query.set($field, severity.as_str());
            self
        }
    };
}

pub(super) use {condition, filter, member, members, query, request};

/// A time as the API reads it: in UTC, with microseconds.
pub(super) fn rfc3339(time: std::time::SystemTime) -> String {
    crate::platform::clock::Timestamp::of_system_time(time).to_rfc3339()
}

/// A payload: an object as it is, and anything else as `{"result": …}`, as spans have it.
pub(super) fn object<T: Serialize + ?Sized>(value: &T) -> Value {
    match serde_json::to_value(value).unwrap_or_default() {
        object @ Value::Object(_) => object,
        Value::Null => Value::Object(Map::new()),
        other => Value::Object(Map::from_iter([("result".to_owned(), other)])),
    }
}
