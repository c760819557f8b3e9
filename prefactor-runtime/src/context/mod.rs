//! The current span of a thread, and how it is carried to other threads and tasks.

pub(crate) mod current;
pub(crate) mod future;
pub(crate) mod new_span;
pub(crate) mod parent;
pub(crate) mod propagation;
pub(crate) mod stack;

pub use current::ContextGuard;
pub use future::WithContext;
pub use parent::Context;
