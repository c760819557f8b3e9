//! The statements by which an annotated function contributes the type of its spans.
//!
//! They exist without the feature `schemas` as well, without effect: a build may give the attribute's crate, which runs in the
//! compiler, more features than this one.

/// Submits a contribution to the linker.
#[cfg(feature = "schemas")]
#[doc(hidden)]
#[macro_export]
macro_rules! contribute {
    ($($contribution:tt)*) => {
        $crate::macro_support::inventory::submit! { $($contribution)* }
    };
}

/// Nothing is contributed.
#[cfg(not(feature = "schemas"))]
#[doc(hidden)]
#[macro_export]
macro_rules! contribute {
    ($($contribution:tt)*) => {};
}

/// The shape of a type that says it itself.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! exact {
    ($of:ty) => {
        $crate::macro_support::Shape::Exact($crate::macro_support::schema_of::<$of>)
    };
}

/// No type says its shape.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! exact {
    ($of:ty) => {
        $crate::macro_support::Shape::Anything
    };
}
