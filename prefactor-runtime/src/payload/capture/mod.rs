//! From a value to the tape: by the best trait that its type has, within bounds.

pub(crate) mod argument;
pub(crate) mod compound;
pub(crate) mod error;
pub(crate) mod lock;
pub(crate) mod recorder;
pub(crate) mod serializer;
pub(crate) mod value;
pub(crate) mod value_text;
pub(crate) mod writer;
