//! Other values that functions return: iterators and closures.

use std::rc::Rc;

use prefactor_attribute::{alike, twins};

use super::questions::{AutoTraits, Otherwise as _, ask, auto_traits, table};

twins! {
    #[span("auto:iterator")]
    pub(crate) fn iterator(number: u8) -> impl Iterator<Item = u8> {
        0..number
    }

    #[span("auto:iterator_rc")]
    pub(crate) fn iterator_rc(shared: Rc<u8>) -> impl Iterator<Item = u8> {
        (0..2).map(move |number| number + *shared)
    }

    #[span("auto:closure")]
    pub(crate) fn closure(by: u8) -> impl Fn(u8) -> u8 {
        move |number| number + by
    }
}

alike! {
    fn auto_traits_of_other_values_are_the_same(twin) {
        table! {
            twin::iterator(1);
            twin::iterator_rc(Rc::new(1));
            twin::closure(1);
        }
    }

    fn other_values_behave_alike(twin) {
        (twin::iterator(2).count(), twin::iterator_rc(Rc::new(1)).count(), twin::closure(1)(1))
    }
}
