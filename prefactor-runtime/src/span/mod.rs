//! Spans as users hold them.

mod by_hand;
mod current;
mod error_data;
mod facts;
pub(crate) mod future_ext;
pub(crate) mod handle;
mod inspect;
mod run;
pub(crate) mod stream_ext;
#[cfg(feature = "tokio")]
pub mod task;
pub mod thread;
pub(crate) mod typed;
#[cfg(feature = "observer")]
pub(crate) mod undecided;
#[cfg(feature = "observer")]
pub(crate) mod unobserved;
