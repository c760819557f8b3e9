//! Contexts that hold nothing.

use std::future::Future;
use std::marker::PhantomData;
use std::process::Command;

/// A context without effect.
#[derive(Clone, Debug, Default)]
#[must_use = "a context does nothing until it is entered"]
pub struct Context;

impl Context {
    /// The only one.
    pub fn current() -> Self {
        Self
    }

    /// A guard without effect.
    pub fn enter(self) -> ContextGuard {
        ContextGuard { not_send: PhantomData }
    }

    /// Runs the closure.
    pub fn in_scope<R>(self, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// The future itself.
    pub fn scope<F: Future>(self, future: F) -> WithContext<F> {
        future
    }

    /// The closure itself.
    pub fn wrap<R>(self, body: impl FnOnce() -> R) -> impl FnOnce() -> R {
        body
    }

    /// Does nothing.
    pub fn inject<C: ?Sized>(&self, _: &mut C) {}

    /// Does nothing.
    pub fn inject_env(&self, _: &mut Command) {}
}

/// A guard without effect. It cannot leave its thread, as with the feature on.
#[derive(Debug)]
#[must_use = "the context is left at once when the guard is not kept"]
pub struct ContextGuard {
    not_send: PhantomData<*const ()>,
}

/// The future itself: nothing is put around it.
pub type WithContext<F> = F;
