//! How long a chain of annotated async functions may be before the compiler stops following its types: longer than one of
//! tracing's attribute.
//!
//! The tests call functions of their own, so that the compiler lays out each chain from its first function on. That is the
//! worst case.

/// A chain, from the first function to the last. Each level awaits the next.
macro_rules! chain {
    ([$($attribute:tt)*] $last:ident) => {
        #[$($attribute)*]
        async fn $last(number: u32) -> Result<u32, std::io::Error> {
            tokio::task::yield_now().await;
            Ok(number)
        }
    };
    ([$($attribute:tt)*] $first:ident $second:ident $($rest:ident)*) => {
        #[$($attribute)*]
        async fn $first(number: u32) -> Result<u32, std::io::Error> {
            $second(number + 1).await
        }

        chain!([$($attribute)*] $second $($rest)*);
    };
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
    chain!([prefactor::span("chains:level")] a b c d e f g h i j k l m);
    assert_eq!(spawned!(a(0)), Some(12));
}

/// With one level more, this one does not compile with `tracing` 0.1.44.
#[test]
fn chain_of_functions_that_tracing_instruments_compiles_at_twelve_levels() {
    chain!([tracing::instrument] a b c d e f g h i j k l);
    assert_eq!(spawned!(a(0)), Some(11));
}
