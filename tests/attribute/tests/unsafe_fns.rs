//! `unsafe fn`, `async unsafe fn` and other calling conventions.
#![deny(warnings, unused, rust_2018_idioms)]

use prefactor_attribute::{alike, wait};
use prefactor_unsafe_fns::{plain, spanned};

alike! {
    fn promises_are_passed_on(twin) {
        wait(twin::all())
    }
}
