//! Functions of a crate whose edition differs from the attribute's.
//!
//! They are accepted in one edition only, or mean something else in the other.
#![deny(warnings, unused)]
#![expect(clippy::unwrap_used, clippy::unused_async, reason = "the cases contain these forms on purpose")]
#![expect(
    clippy::redundant_pattern_matching,
    clippy::missing_panics_doc,
    reason = "the cases contain these forms on purpose"
)]

macro_rules! twins {
    ($($items:tt)*) => {
        /// Without the attribute.
        pub mod plain {
            use super::*;
            use prefactor_plain::span;
            $($items)*
        }
        /// With it.
        pub mod spanned {
            use super::*;
            use prefactor::span;
            $($items)*
        }
    };
}

use std::cell::RefCell;
use std::sync::Mutex;

/// Writes its name when it is dropped.
#[derive(Debug)]
pub struct Noisy<'a>(&'static str, &'a RefCell<Vec<&'static str>>);

impl Noisy<'_> {
    fn is_there(&self) -> bool {
        !self.0.is_empty()
    }
}

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

twins! {
    /// A temporary of the tail outlives the locals.
    #[span("edition_2021:tail")]
    #[must_use]
    pub fn tail(log: &RefCell<Vec<&'static str>>) -> bool {
        let _local = Noisy("local", log);
        Noisy("temporary", log).is_there()
    }

    /// The async form.
    #[span("edition_2021:tail_async")]
    pub async fn tail_async(log: &RefCell<Vec<&'static str>>) -> bool {
        let _local = Noisy("local", log);
        Noisy("temporary", log).is_there()
    }

    /// The guard of a condition lives through the `else`.
    #[span("edition_2021:if_let")]
    #[must_use]
    pub fn if_let(lock: &Mutex<Option<u8>>) -> bool {
        if let Some(_) = *lock.lock().unwrap() { false } else { lock.try_lock().is_err() }
    }

    /// Opaque types capture no lifetime that is not named.
    #[span("edition_2021:captures")]
    pub fn captures(text: &str) -> impl Iterator<Item = usize> {
        let length = text.len();
        0..length
    }

    /// `gen` is no keyword yet.
    #[span("edition_2021:gen")]
    #[must_use]
    pub fn gen(gen: u8) -> u8 {
        gen + 1
    }
}
