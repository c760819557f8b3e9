//! Declares the parts of the client, one for each kind of object.

/// Declares a part of the client: the requests on one kind of object.
macro_rules! group {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[must_use = "it does nothing until one of its methods is awaited"]
        pub struct $name<'a> {
            pub(super) connection: &'a std::sync::Arc<$crate::api::connection::Connection>,
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    };
}

pub(super) use group;
