//! Settings of a client: given to the builder, or read from the environment.

pub(crate) mod sampling;
pub(crate) mod settings;
pub(crate) mod token;
pub(crate) mod variable;
