//! Streams that functions return, also in futures and results.

use std::cell::Cell;
use std::panic::UnwindSafe;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::stream::{BoxStream, LocalBoxStream, iter, once};
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, twins, wait};

use super::questions::{AutoTraits, Otherwise as _, ask, auto_traits, table};

twins! {
    #[span("auto:stream")]
    pub(crate) fn stream(number: u8) -> impl Stream<Item = u8> {
        iter(0..number)
    }

    #[span("auto:stream_rc")]
    pub(crate) fn stream_rc(shared: Rc<u8>) -> impl Stream<Item = u8> {
        iter(0..2).map(move |number| number + *shared)
    }

    #[span("auto:stream_cell")]
    pub(crate) fn stream_cell(cell: Cell<u8>) -> impl Stream<Item = u8> {
        iter(0..2).map(move |number| number + cell.get())
    }

    #[span("auto:stream_pinned")]
    pub(crate) fn stream_pinned(number: u8) -> impl Stream<Item = u8> {
        once(async move {
            tokio::task::yield_now().await;
            number
        })
    }

    #[span("auto:boxed_stream")]
    pub(crate) fn boxed_stream(number: u8) -> BoxStream<'static, u8> {
        iter(0..number).boxed()
    }

    #[span("auto:local_boxed_stream")]
    pub(crate) fn local_boxed_stream(number: u8) -> LocalBoxStream<'static, u8> {
        iter(0..number).boxed_local()
    }

    #[span("auto:all_boxed_stream")]
    pub(crate) fn all_boxed_stream(
        number: u8,
    ) -> Pin<Box<dyn Stream<Item = u8> + Send + Sync + Unpin + UnwindSafe>> {
        Box::pin(iter(0..number))
    }

    #[span("auto:boxed_opaque_stream")]
    pub(crate) fn boxed_opaque_stream(number: u8) -> Pin<Box<impl Stream<Item = u8>>> {
        Box::pin(iter(0..number))
    }

    #[span("auto:result_of_stream")]
    pub(crate) fn result_of_stream(number: u8) -> Result<impl Stream<Item = u8>, String> {
        if number == 0 {
            return Err("zero".to_owned());
        }
        Ok(iter(0..number))
    }

    #[span("auto:option_of_stream")]
    pub(crate) fn option_of_stream(number: u8) -> Option<impl Stream<Item = u8>> {
        Some(iter(0..number))
    }

    #[span("auto:async_stream")]
    pub(crate) async fn async_stream(number: u8) -> impl Stream<Item = u8> {
        tokio::task::yield_now().await;
        iter(0..number)
    }

    #[span("auto:async_result_of_stream")]
    pub(crate) async fn async_result_of_stream(number: u8) -> Result<impl Stream<Item = u8>, String> {
        tokio::task::yield_now().await;
        Ok(iter(0..number))
    }

    #[span("auto:ends", stream(end = |item| *item == 9, first = |_| true), ret(items))]
    pub(crate) fn stream_with_rules(number: u8) -> impl Stream<Item = u8> {
        iter(0..number)
    }

    #[span("auto:future_of_stream")]
    pub(crate) fn future_of_stream(number: u8) -> impl Future<Output = impl Stream<Item = u8>> {
        std::future::ready(iter(0..number))
    }
}

alike! {
    fn auto_traits_of_streams_are_the_same(twin) {
        table! {
            twin::stream(1);
            twin::stream_rc(Rc::new(1));
            twin::stream_cell(Cell::new(1));
            twin::stream_pinned(1);
            twin::stream_with_rules(1);
            twin::boxed_stream(1);
            twin::local_boxed_stream(1);
            twin::all_boxed_stream(1);
            twin::boxed_opaque_stream(1);
            twin::result_of_stream(1);
            twin::result_of_stream(1).ok();
            twin::option_of_stream(1);
            twin::async_stream(1);
            twin::async_result_of_stream(1);
            wait(twin::async_stream(1));
            wait(twin::async_result_of_stream(1));
            twin::future_of_stream(1);
            wait(twin::future_of_stream(1));
        }
    }

    fn streams_behave_alike(twin) {
        wait(async {
            (
                (twin::stream(1).count().await, twin::stream_rc(Rc::new(1)).count().await),
                (twin::stream_cell(Cell::new(1)).count().await, twin::stream_pinned(1).count().await),
                (twin::stream_with_rules(1).count().await, twin::boxed_stream(1).count().await),
                (twin::local_boxed_stream(1).count().await, twin::all_boxed_stream(1).count().await),
                (twin::boxed_opaque_stream(1).count().await, twin::result_of_stream(0).err()),
                twin::option_of_stream(1).map(|_| ()),
                (twin::async_stream(2).await.count().await, twin::future_of_stream(2).await.count().await),
            )
        })
    }
}
