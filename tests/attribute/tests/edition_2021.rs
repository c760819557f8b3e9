//! A crate of another edition keeps its rules.
#![deny(warnings, unused, rust_2018_idioms)]

use std::cell::RefCell;
use std::sync::Mutex;

use prefactor_attribute::{alike, wait};
use prefactor_edition_2021::{plain, spanned};

alike! {
    fn temporaries_of_the_tail_outlive_locals(twin) {
        let (log, other) = (RefCell::default(), RefCell::default());
        assert!(twin::tail(&log) && wait(twin::tail_async(&other)));
        assert_eq!(log.borrow().first(), Some(&"local"));
        (log, other)
    }

    fn guards_of_conditions_live_on(twin) {
        twin::if_let(&Mutex::new(None))
    }

    fn opaque_types_capture_less(twin) {
        let text = String::from("ab");
        let iterator = twin::captures(&text);
        drop(text);
        iterator.count()
    }

    fn functions_named_gen_in_older_editions_behave_alike(twin) {
        twin::r#gen(1)
    }
}
