//! Futures that functions return.

use std::cell::Cell;
use std::panic::UnwindSafe;
use std::pin::Pin;

use futures_util::future::{BoxFuture, LocalBoxFuture};
use prefactor_attribute::{alike, twins, wait};

use super::questions::{AutoTraits, Otherwise as _, ask, auto_traits, table};

twins! {
    #[span("auto:opaque_future")]
    pub(crate) fn opaque_future(number: u8) -> impl Future<Output = u8> {
        async move { number }
    }

    #[span("auto:opaque_future_cell")]
    pub(crate) fn opaque_future_cell(cell: Cell<u8>) -> impl Future<Output = u8> {
        async move { cell.get() }
    }

    #[span("auto:ready")]
    pub(crate) fn ready(number: u8) -> impl Future<Output = u8> + Send {
        std::future::ready(number)
    }

    #[span("auto:boxed_future")]
    pub(crate) fn boxed_future(number: u8) -> BoxFuture<'static, u8> {
        Box::pin(async move { number })
    }

    #[span("auto:local_boxed_future")]
    pub(crate) fn local_boxed_future(number: u8) -> LocalBoxFuture<'static, u8> {
        Box::pin(async move { number })
    }

    #[span("auto:all_boxed_future")]
    pub(crate) fn all_boxed_future(number: u8) -> Pin<Box<dyn Future<Output = u8> + Send + Sync + Unpin>> {
        Box::pin(std::future::ready(number))
    }

    #[span("auto:unwind_safe_boxed_future")]
    pub(crate) fn unwind_safe_boxed_future(
        number: u8,
    ) -> Pin<Box<dyn Future<Output = u8> + Send + Sync + UnwindSafe>> {
        Box::pin(std::future::ready(number))
    }

    #[span("auto:boxed_opaque_future")]
    pub(crate) fn boxed_opaque_future(number: u8) -> Pin<Box<impl Future<Output = u8>>> {
        Box::pin(async move { number })
    }

    #[span("auto:options_of_future", ret(skip), fields(double = number * 2))]
    pub(crate) fn future_with_options(number: u8) -> impl Future<Output = u8> {
        async move { number }
    }
}

alike! {
    fn auto_traits_of_returned_futures_are_the_same(twin) {
        table! {
            twin::opaque_future(1);
            twin::opaque_future_cell(Cell::new(1));
            twin::ready(1);
            twin::future_with_options(1);
            twin::boxed_future(1);
            twin::local_boxed_future(1);
            twin::all_boxed_future(1);
            twin::unwind_safe_boxed_future(1);
            twin::boxed_opaque_future(1);
        }
    }

    fn returned_futures_behave_alike(twin) {
        wait(async {
            (
                (twin::opaque_future(1).await, twin::opaque_future_cell(Cell::new(1)).await),
                (twin::ready(1).await, twin::boxed_future(1).await, twin::local_boxed_future(1).await),
                (twin::all_boxed_future(1).await, twin::unwind_safe_boxed_future(1).await),
                (twin::boxed_opaque_future(1).await, twin::future_with_options(1).await),
            )
        })
    }
}
