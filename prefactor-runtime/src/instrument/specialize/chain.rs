//! Declares types without values, and joins them to chains.

/// Implements `Deref` from each type of a chain to the next.
macro_rules! deref_chain {
    ([$($generics:ident),*] $first:ty => $($next:ty)=>+) => {
        deref_chain!(@ [$($generics),*] $first, $($next,)+);
    };
    (@ [$($generics:ident),*] $from:ty, $to:ty, $($rest:ty,)*) => {
        impl<$($generics),*> std::ops::Deref for $from {
            type Target = $to;

            #[inline]
            fn deref(&self) -> &$to {
                &<$to>::CASE
            }
        }

        deref_chain!(@ [$($generics),*] $to, $($rest,)*);
    };
    (@ [$($generics:ident),*] $last:ty,) => {};
}

/// Declares types without values. Their methods take them by value, which the compiler finds before it tries references.
macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident<$($letter:ident),*>;)*) => {$(
        $(#[$doc])*
        pub struct $name<$($letter),*>(std::marker::PhantomData<fn() -> ($($letter,)*)>);

        impl<$($letter),*> $name<$($letter),*> {
            pub(super) const CASE: Self = Self(std::marker::PhantomData);
        }

        impl<$($letter),*> Clone for $name<$($letter),*> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($letter),*> Copy for $name<$($letter),*> {}

        impl<$($letter),*> std::fmt::Debug for $name<$($letter),*> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(stringify!($name))
            }
        }
    )*};
}

pub(super) use {cases, deref_chain};
