//! The observer of a program's spans on the program's own threads, for integrations such as `prefactor-tracing`.
//!
//! It opens a scope where a span becomes current for the first time, and the scope hears each time the span becomes current and
//! stops being so. Without the feature `observer` all of this is empty; without an observer it is one atomic load.

pub(crate) use observed::{Entered, Observed};
#[cfg(feature = "observer")]
pub use observed::{NewScope, Scope, SpanObserver, observe};

#[cfg(feature = "observer")]
mod observed {
    use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

    use crate::platform::suppression::suppress;

    /// The description of a span for an observer.
    #[derive(Debug)]
    pub struct NewScope<'a> {
        /// The kind of work.
        pub schema_name: &'a str,
        /// The run's id: 32 hexadecimal digits.
        pub trace_id: &'a str,
        /// The span's id: 16 hexadecimal digits.
        pub span_id: &'a str,
    }

    /// Takes the description of a span.
    type Tell<'a> = dyn FnMut(&NewScope<'_>) + 'a;

    /// Lends the description of a span.
    type Describe<'a> = dyn Fn(&mut Tell<'_>) + 'a;

    /// Opens scopes for spans. None of its code makes spans, and its panics are caught.
    pub trait SpanObserver: Send + Sync {
        /// A span becomes current for the first time. `None` leaves it unobserved for good.
        fn open(&self, span: &NewScope<'_>) -> Option<Arc<dyn Scope>>;
    }

    /// The observer's own object for a span. It is dropped when the span has ended and is current nowhere any more.
    pub trait Scope: Send + Sync {
        /// The span becomes current on this thread.
        fn enter(&self);

        /// The span is no longer current on this thread.
        fn exit(&self);
    }

    static OBSERVER: OnceLock<Box<dyn SpanObserver>> = OnceLock::new();

    /// Sets the observer of this process. `false` if there is one already.
    pub fn observe(observer: Box<dyn SpanObserver>) -> bool {
        OBSERVER.set(observer).is_ok()
    }

    /// The scope of one span.
    pub(crate) struct Observed(Mutex<State>);

    #[derive(Default)]
    enum State {
        #[default]
        Unopened,
        Open(Arc<dyn Scope>),
        Closed,
    }

    impl Observed {
        pub(crate) const fn new() -> Self {
            Self(Mutex::new(State::Unopened))
        }

        /// The span becomes current, until the returned value is dropped. `describe` lends the description of the span.
        #[inline]
        pub(crate) fn enter(&self, describe: &Describe<'_>) -> Entered {
            OBSERVER.get().map_or(Entered::NONE, |observer| self.enter_by(&**observer, describe))
        }

        #[cold]
        fn enter_by(&self, observer: &dyn SpanObserver, describe: &Describe<'_>) -> Entered {
            let mut entered = Entered::NONE;
            let ran = suppress(&mut || {
                let Some(scope) = self.open_scope(observer, describe) else { return };
                scope.enter();
                entered.0 = Some(scope);
            });
            if ran.is_err() {
                self.close();
            }
            entered
        }

        fn open_scope(&self, observer: &dyn SpanObserver, describe: &Describe<'_>) -> Option<Arc<dyn Scope>> {
            match &*self.lock() {
                State::Unopened => {}
                State::Open(scope) => return Some(Arc::clone(scope)),
                State::Closed => return None,
            }
            // Opened outside of the lock. Of two threads that enter the span at once, one opens in vain.
            let mut opened = None;
            describe(&mut |span| opened = observer.open(span));
            let mut state = self.lock();
            if matches!(*state, State::Unopened) {
                *state = opened.clone().map_or(State::Closed, State::Open);
            }
            match &*state {
                State::Open(scope) => Some(Arc::clone(scope)),
                State::Unopened | State::Closed => None,
            }
        }

        /// The span has ended, or is not to be observed.
        #[inline]
        pub(crate) fn close(&self) {
            if OBSERVER.get().is_some() {
                release(std::mem::replace(&mut *self.lock(), State::Closed));
            }
        }

        fn lock(&self) -> MutexGuard<'_, State> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Drop for Observed {
        fn drop(&mut self) {
            release(std::mem::take(self.0.get_mut().unwrap_or_else(PoisonError::into_inner)));
        }
    }

    /// Drops a handle that may be the last one on a scope, whose destructor is the observer's code.
    fn release(state: State) {
        if let State::Open(scope) = state {
            let mut scope = Some(scope);
            let _ = suppress(&mut || drop(scope.take()));
        }
    }

    /// A scope that was entered. Dropped, it is left.
    #[must_use]
    pub(crate) struct Entered(Option<Arc<dyn Scope>>);

    impl Entered {
        pub(crate) const NONE: Self = Self(None);
    }

    impl Drop for Entered {
        #[inline]
        fn drop(&mut self) {
            if self.0.is_some() {
                let mut scope = self.0.take();
                let _ = suppress(&mut || {
                    if let Some(scope) = scope.take() {
                        scope.exit();
                    }
                });
            }
        }
    }
}

#[cfg(not(feature = "observer"))]
mod observed {
    /// Nothing observes.
    pub(crate) struct Observed;

    impl Observed {
        #[inline]
        pub(crate) const fn new() -> Self {
            Self
        }

        #[inline]
        #[expect(clippy::unused_self, reason = "both forms have the same signature")]
        pub(crate) const fn close(&self) {}
    }

    /// Nothing was entered.
    #[must_use]
    pub(crate) struct Entered;

    impl Entered {
        pub(crate) const NONE: Self = Self;
    }
}
