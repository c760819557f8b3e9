//! How the compiler picks a strategy for each type: specialization by `Deref`.
//!
//! Generated code must read values of any type by the best trait that the type implements, without naming a bound:
//! `Serialize`, else `Debug`, else nothing. Stable Rust has no specialization, but method look-up chooses among
//! implementations: it tries a type, then the type that `Deref` leads to, and takes the first one whose inherent method has
//! bounds that hold. (dtolnay calls the form with references *autoref specialization*; `anyhow!` uses it.) Inherent methods
//! need no trait in scope, and one private prefix keeps them apart from the methods of a trait that a user has
//! implemented for all types.
//!
//! So each choice is a chain of types without values, best first, joined by `Deref`: [`deref_chain!`](chain::deref_chain). All
//! choices in this crate work like that:
//!
//! * [`argument`](crate::payload::argument) and [`value`](crate::payload::value): how one argument or value is captured.
//! * [`sides`] and [`error`]: whether a value is a `Result`, and how its error is read, where options of the attribute look at
//!   the returned value.
//! * [`returning`]: the way to finish a return type. Three questions alternate, and the answer is a
//!   [`Finish`](crate::instrument::finish::Finish) without values:
//!   1. `__prefactor_layer`: is there a `Result`, future or stream within ([`Layered`](crate::instrument::reach::Layered))? Then go
//!      there, else stay. A type with nothing within, as most are, has the mode [`Plain`](crate::instrument::reach::Plain) from here on.
//!   2. `__prefactor_outcome`: by which pair of strategies, for value and error, is the outcome read? ([`Case`](cases::Case)) For a
//!      lock another chain of strategies is tried ([`LockCase`](cases::LockCase)), so that other types do not pay for it. A plain
//!      type is done then.
//!   3. `__prefactor_layer` again: does the value of the `Result` that was read have a `Result`, future or stream within?
//!
//! `Result<BoxStream<'_, Result<T, E>>, F>` takes two rounds: one for `F`, one for `T` and `E`. The macro
//! [`returning!`](crate::returning) asks for three rounds. Where there is nothing to go on with, the rest of the calls find
//! [`Done`](cases::Done) at once and cost the compiler next to nothing.
//!
//! Limit: look-up ignores lifetimes. A type that implements `Serialize` only for `'static` is picked for all lifetimes, and
//! does not compile.

#![expect(clippy::unused_self, reason = "method look-up goes by the type, which is all there is")]

mod cases;
mod chain;
mod failure;
mod read;
mod split;
mod start;
mod strategies;

pub use failure::error;
pub use read::items;
pub use split::sides;
pub use start::{returning, returning_in};
