//! The documentation of `boxed` names the loss: a box has the auto traits that its type names.

use prefactor::span;
use prefactor_attribute::wait;

use super::questions::{Otherwise as _, ask, auto_traits};

#[test]
fn boxed_keeps_send_alone() {
    #[span("auto:boxed", boxed)]
    async fn boxed(number: u8) -> u8 {
        number
    }

    #[span("auto:boxed_local", boxed(local))]
    async fn boxed_local(number: u8) -> u8 {
        number
    }

    assert_eq!(auto_traits!(boxed(1)), [true, false, false, false, false]);
    assert_eq!(auto_traits!(boxed_local(1)), [false; 5]);
    assert_eq!(wait(async { (boxed(1).await, boxed_local(2).await) }), (1, 2));
}
