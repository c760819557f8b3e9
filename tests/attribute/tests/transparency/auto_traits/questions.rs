//! Asks values for the five auto traits.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Asks for auto traits without requiring them: an inherent method where the bound holds wins over the trait's.
pub(crate) struct Ask<T>(PhantomData<T>);

pub(crate) fn ask<T>(_: &T) -> Ask<T> {
    Ask(PhantomData)
}

macro_rules! questions {
    ($($name:ident $bound:path;)*) => {
        pub(crate) trait Otherwise {
            $(fn $name(&self) -> bool {
                false
            })*
        }

        impl<T> Otherwise for Ask<T> {}

        $(
            impl<T: $bound> Ask<T> {
                pub(crate) fn $name(&self) -> bool {
                    true
                }
            }
        )*
    };
}

questions! {
    is_send Send;
    is_sync Sync;
    is_unpin Unpin;
    is_unwind_safe UnwindSafe;
    is_ref_unwind_safe RefUnwindSafe;
}

/// `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`.
pub(crate) type AutoTraits = [bool; 5];

macro_rules! auto_traits {
    ($value:expr) => {
        // `match` keeps what the value borrows.
        match ask(&$value) {
            ask => {
                [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
            }
        }
    };
}
pub(crate) use auto_traits;

/// Names the traits of some values, each with its expression.
macro_rules! table {
    ($($value:expr;)*) => {
        vec![$((stringify!($value), auto_traits!($value))),*] as Vec<(&str, AutoTraits)>
    };
}

pub(crate) use table;

#[test]
fn auto_traits_of_values_are_told_apart() {
    use std::cell::Cell;
    use std::rc::Rc;

    struct Pinned(std::marker::PhantomPinned);
    let _ = Pinned(std::marker::PhantomPinned).0;
    assert_eq!(auto_traits!(1), [true; 5]);
    assert_eq!(auto_traits!(Rc::new(1)), [false, false, true, true, true]);
    assert_eq!(auto_traits!(Cell::new(1)), [true, false, true, true, false]);
    assert_eq!(auto_traits!(&Cell::new(1)), [false, false, true, false, false]);
    assert_eq!(auto_traits!(&mut 1), [true, true, true, false, true]);
    assert_eq!(auto_traits!(Pinned(std::marker::PhantomPinned)), [true, true, false, true, true]);
    let boxed: Box<dyn Fn() + Send> = Box::new(|| ());
    assert_eq!(auto_traits!(boxed), [true, false, true, false, false]);
}
