//! Settings of a client: given to the builder, or read from the environment.

pub(crate) mod misspelt;
pub(crate) mod sampling;
pub(crate) mod settings;
#[cfg(feature = "spool")]
pub(crate) mod spool;
pub(crate) mod token;
pub(crate) mod variable;
