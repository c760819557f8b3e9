//! Declares the types of data: their fields, their setters and their exported members.

/// The setter of a field, by the type of the field.
macro_rules! setter {
    ($(#[$doc:meta])* $method:ident, $field:ident: Option<String>) => {
        $(#[$doc])*
        pub fn $method(mut self, value: impl Into<String>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: String) => {
        $(#[$doc])*
        pub fn $method(mut self, value: impl Into<String>) -> Self {
            self.$field = value.into();
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Vec<String>) => {
        $(#[$doc])*
        pub fn $method<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
            self.$field = values.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Json) => {
        $(#[$doc])*
        pub fn $method<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
            self.$field = Json::of(value);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Option<Usage>) => {
        $(#[$doc])*
        pub fn $method(mut self, usage: Usage) -> Self {
            self.$field = Some(usage);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: $type:ty) => {
        $(#[$doc])*
        pub fn $method(mut self, value: $type) -> Self {
            self.$field = value;
            self
        }
    };
}

/// A type of data, with its schema name, its required members and its export.
macro_rules! span_data {
    (
        $(#[$doc:meta])* $name:ident, $schema:literal, [$($required:ident: $required_type:ty),*]
        { $($(#[$field_doc:meta])* $method:ident => $field:ident: [$($type:tt)*];)* }
        $(usage $usage:expr;)?
        export($data:ident, $map:ident) $export:block
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        #[non_exhaustive]
        #[must_use = "it does nothing until a span has it"]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $($type)*,)*
        }

        impl $name {
            /// Data with the required members alone.
            pub fn new($($required: $required_type),*) -> Self {
                Self { $($required: $required.into(),)* ..Self::default() }
            }

            $(setter! { $(#[$field_doc])* $method, $field: $($type)* })*
        }

        impl SpanData for $name {
            const SCHEMA_NAME: &'static str = $schema;

            $(fn usage(&self) -> Option<Usage> {
                let usage: fn(&Self) -> Option<Usage> = $usage;
                usage(self)
            })?
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $data = self;
                let mut $map = serializer.serialize_map(None)?;
                $export
                $map.end()
            }
        }
    };
}

pub(super) use {setter, span_data};
