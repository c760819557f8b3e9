//! How long a chain of annotated async functions may be before the compiler stops following its types: longer than one of
//! tracing's attribute, for functions, generic functions, methods and generic methods.
//!
//! The tests call functions of their own, so that the compiler lays out each chain from its first function on. That is the
//! worst case.

use std::io::Error;
use std::marker::PhantomData;

/// A chain, from the first function to the last. Each level awaits the next.
macro_rules! functions {
    ([$($attribute:tt)*] $last:ident) => {
        #[$($attribute)*]
        async fn $last(number: u32) -> Result<u32, Error> {
            tokio::task::yield_now().await;
            Ok(number)
        }
    };
    ([$($attribute:tt)*] $first:ident $second:ident $($rest:ident)*) => {
        #[$($attribute)*]
        async fn $first(number: u32) -> Result<u32, Error> {
            $second(number + 1).await
        }

        functions!([$($attribute)*] $second $($rest)*);
    };
}

/// The same, where each level is generic.
macro_rules! generic_functions {
    ([$($attribute:tt)*] $last:ident) => {
        #[$($attribute)*]
        async fn $last<T: Numbers>(number: T) -> Result<T, Error> {
            tokio::task::yield_now().await;
            Ok(number)
        }
    };
    ([$($attribute:tt)*] $first:ident $second:ident $($rest:ident)*) => {
        #[$($attribute)*]
        async fn $first<T: Numbers>(number: T) -> Result<T, Error> {
            $second(number.next()).await
        }

        generic_functions!([$($attribute)*] $second $($rest)*);
    };
}

/// The same, as methods of a type.
macro_rules! methods {
    ($agent:ident [$($attribute:tt)*] $last:ident) => {
        impl $agent {
            #[$($attribute)*]
            async fn $last(&self, number: u32) -> Result<u32, Error> {
                tokio::task::yield_now().await;
                Ok(number)
            }
        }
    };
    ($agent:ident [$($attribute:tt)*] $first:ident $second:ident $($rest:ident)*) => {
        impl $agent {
            #[$($attribute)*]
            async fn $first(&self, number: u32) -> Result<u32, Error> {
                self.$second(number + 1).await
            }
        }

        methods!($agent [$($attribute)*] $second $($rest)*);
    };
}

/// The same, as generic methods of a generic type.
macro_rules! generic_methods {
    ($agent:ident [$($attribute:tt)*] $last:ident) => {
        impl<M: Numbers> $agent<M> {
            #[$($attribute)*]
            async fn $last<T: Numbers>(&self, number: T) -> Result<T, Error> {
                tokio::task::yield_now().await;
                Ok(number)
            }
        }
    };
    ($agent:ident [$($attribute:tt)*] $first:ident $second:ident $($rest:ident)*) => {
        impl<M: Numbers> $agent<M> {
            #[$($attribute)*]
            async fn $first<T: Numbers>(&self, number: T) -> Result<T, Error> {
                self.$second(number.next()).await
            }
        }

        generic_methods!($agent [$($attribute)*] $second $($rest)*);
    };
}

/// The counter of the generic levels.
trait Numbers: Copy + std::fmt::Debug + Send + Sync + 'static {
    fn next(self) -> Self;
}

impl Numbers for u32 {
    fn next(self) -> Self {
        self + 1
    }
}

/// A macro, for a function that is generic over the future would be a level more.
macro_rules! spawned {
    ($future:expr) => {{
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { tokio::spawn($future).await }).ok().and_then(Result::ok)
    }};
}

#[test]
fn chain_of_annotated_functions_compiles_at_thirteen_levels() {
    functions!([prefactor::span("chains:level")] a b c d e f g h i j k l m);
    assert_eq!(spawned!(a(0)), Some(12));
}

/// With one level more, this one does not compile with `tracing` 0.1.44.
#[test]
fn chain_of_functions_that_tracing_instruments_compiles_at_twelve_levels() {
    functions!([tracing::instrument] a b c d e f g h i j k l);
    assert_eq!(spawned!(a(0)), Some(11));
}

#[test]
fn chain_of_annotated_generic_functions_compiles_at_thirteen_levels() {
    generic_functions!([prefactor::span("chains:level")] a b c d e f g h i j k l m);
    assert_eq!(spawned!(a(0_u32)), Some(12));
}

#[test]
fn chain_of_generic_functions_that_tracing_instruments_compiles_at_twelve_levels() {
    generic_functions!([tracing::instrument] a b c d e f g h i j k l);
    assert_eq!(spawned!(a(0_u32)), Some(11));
}

#[test]
fn chain_of_annotated_methods_compiles_at_thirteen_levels() {
    struct Agent;
    static AGENT: Agent = Agent;
    methods!(Agent [prefactor::span("chains:level")] a b c d e f g h i j k l m);
    assert_eq!(spawned!(AGENT.a(0)), Some(12));
}

#[test]
fn chain_of_methods_that_tracing_instruments_compiles_at_twelve_levels() {
    struct Agent;
    static AGENT: Agent = Agent;
    methods!(Agent [tracing::instrument(skip(self))] n o p q r s t u v w x y);
    assert_eq!(spawned!(AGENT.n(0)), Some(11));
}

#[test]
fn chain_of_annotated_generic_methods_compiles_at_thirteen_levels() {
    struct Agent<M>(PhantomData<M>);
    static AGENT: Agent<u32> = Agent(PhantomData);
    generic_methods!(Agent [prefactor::span("chains:level")] a b c d e f g h i j k l m);
    assert_eq!(spawned!(AGENT.a(0_u32)), Some(12));
}

#[test]
fn chain_of_generic_methods_that_tracing_instruments_compiles_at_twelve_levels() {
    struct Agent<M>(PhantomData<M>);
    static AGENT: Agent<u32> = Agent(PhantomData);
    generic_methods!(Agent [tracing::instrument(skip(self))] n o p q r s t u v w x y);
    assert_eq!(spawned!(AGENT.n(0_u32)), Some(11));
}
