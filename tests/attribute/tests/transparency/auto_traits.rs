//! Futures and streams of annotated functions have the five auto traits of the plain ones, in every form of function.
//!
//! A program's other crates change some of them: with tokio's `parking_lot`, which `full` has, tokio's locks are not
//! unwind safe. `tests/disabled` runs these tests without that feature.

use std::cell::Cell;
use std::error::Error;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::{BoxFuture, LocalBoxFuture};
use futures_util::stream::{BoxStream, LocalBoxStream, iter, once};
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, twins, wait};

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

#[test]
fn auto_traits_of_values_are_told_apart() {
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

/// A method of a trait that is async.
pub(crate) trait Tool {
    fn call(&self, number: u8) -> impl Future<Output = u8>;
}

twins! {
    #[span("auto:owned")]
    pub(crate) async fn owned(text: String) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("auto:rc")]
    pub(crate) async fn rc(shared: Rc<u8>) -> u8 {
        tokio::task::yield_now().await;
        *shared
    }

    #[span("auto:cell")]
    pub(crate) async fn cell(cell: Cell<u8>) -> u8 {
        tokio::task::yield_now().await;
        cell.get()
    }

    #[span("auto:local_rc")]
    pub(crate) async fn local_rc(number: u8) -> u8 {
        let shared = Rc::new(number);
        tokio::task::yield_now().await;
        *shared
    }

    #[span("auto:local_cell")]
    pub(crate) async fn local_cell(number: u8) -> u8 {
        let cell = Cell::new(number);
        tokio::task::yield_now().await;
        cell.get()
    }

    #[span("auto:mutable")]
    pub(crate) async fn mutable(number: &mut u8) -> u8 {
        tokio::task::yield_now().await;
        *number
    }

    #[span("auto:dynamic")]
    pub(crate) async fn dynamic(error: &(dyn Error + Send + Sync)) -> String {
        tokio::task::yield_now().await;
        error.to_string()
    }

    #[span("auto:generic")]
    pub(crate) async fn generic<T>(value: T) -> T {
        tokio::task::yield_now().await;
        value
    }

    #[span("auto:generic_reference")]
    pub(crate) async fn generic_reference<T: ?Sized>(value: &T) -> usize {
        tokio::task::yield_now().await;
        size_of_val(value)
    }

    #[span("auto:argument")]
    pub(crate) async fn argument(value: impl Into<u64>) -> u64 {
        tokio::task::yield_now().await;
        value.into()
    }

    #[span("auto:fallible")]
    pub(crate) async fn fallible(number: u8) -> Result<u8, Box<dyn Error>> {
        tokio::task::yield_now().await;
        if number == 0 {
            Err("zero")?;
        }
        Ok(number)
    }

    #[span("auto:opaque_value")]
    pub(crate) async fn opaque_value(number: u8) -> impl Copy + Into<u64> {
        number
    }

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

    #[span("auto:future_of_stream")]
    pub(crate) fn future_of_stream(number: u8) -> impl Future<Output = impl Stream<Item = u8>> {
        std::future::ready(iter(0..number))
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

    #[span(
        "auto:options",
        skip_all,
        fields(size = text.len()),
        name = "options",
        root,
        ret(debug),
        fail_when = |size| *size == 9
    )]
    pub(crate) async fn with_options(text: String) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("auto:err", err(with = ToString::to_string))]
    pub(crate) async fn with_err(number: u8) -> Result<u8, std::fmt::Error> {
        tokio::task::yield_now().await;
        Ok(number)
    }

    #[span("auto:options_of_future", ret(skip), fields(double = number * 2))]
    pub(crate) fn future_with_options(number: u8) -> impl Future<Output = u8> {
        async move { number }
    }

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

    pub(crate) struct Agent<T>(pub(crate) T);

    impl<T: Copy + Into<u64>> Agent<T> {
        #[span("auto:by_reference")]
        pub(crate) async fn by_reference(&self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_mutable_reference")]
        pub(crate) async fn by_mutable_reference(&mut self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_value")]
        pub(crate) async fn by_value(self) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:by_arc")]
        pub(crate) async fn by_arc(self: Arc<Self>) -> u64 {
            tokio::task::yield_now().await;
            self.0.into()
        }

        #[span("auto:generic_method")]
        pub(crate) async fn generic_method<U: Into<u64>>(&self, other: U) -> u64 {
            tokio::task::yield_now().await;
            self.0.into() + other.into()
        }

        #[span("auto:method_future")]
        pub(crate) fn method_future(&self) -> impl Future<Output = u64> {
            std::future::ready(self.0.into())
        }

        #[span("auto:method_stream")]
        pub(crate) fn method_stream(&self) -> impl Stream<Item = u64> {
            iter([self.0.into()])
        }
    }

    impl Tool for Agent<u8> {
        #[span("auto:tool")]
        async fn call(&self, number: u8) -> u8 {
            tokio::task::yield_now().await;
            self.0 + number
        }
    }
}

alike! {
    fn auto_traits_of_async_functions_are_the_same(twin) {
        let (number, count) = (Cell::new(1_u8), Rc::new(1_u8));
        table! {
            twin::owned(String::new());
            twin::rc(Rc::clone(&count));
            twin::cell(Cell::new(1));
            twin::local_rc(1);
            twin::local_cell(1);
            twin::mutable(&mut 1);
            twin::dynamic(&std::fmt::Error);
            twin::fallible(1);
            twin::opaque_value(1);
            twin::with_options(String::new());
            twin::with_err(1);
            twin::generic(1);
            twin::generic(&number);
            twin::generic(Rc::clone(&count));
            twin::generic(Box::new(|| ()) as Box<dyn Fn() + Send>);
            twin::generic_reference(&1);
            twin::generic_reference(&number);
            twin::argument(1_u8);
        }
    }

    fn auto_traits_of_returned_futures_are_the_same(twin) {
        table! {
            twin::opaque_future(1);
            twin::opaque_future_cell(Cell::new(1));
            twin::ready(1);
            twin::future_of_stream(1);
            twin::future_with_options(1);
            twin::boxed_future(1);
            twin::local_boxed_future(1);
            twin::all_boxed_future(1);
            twin::unwind_safe_boxed_future(1);
            twin::boxed_opaque_future(1);
        }
    }

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
            wait(twin::future_of_stream(1));
        }
    }

    fn auto_traits_of_methods_are_the_same(twin) {
        let number = Cell::new(1_u8);
        let (agent, mut changed) = (twin::Agent(1_u8), twin::Agent(1_u8));
        table! {
            agent.by_reference();
            changed.by_mutable_reference();
            twin::Agent(1_u8).by_value();
            Arc::new(twin::Agent(1_u8)).by_arc();
            agent.generic_method(1_u8);
            agent.method_future();
            agent.method_stream();
            Tool::call(&agent, 1);
            twin::generic(&agent);
            twin::generic(&number);
        }
    }

    fn auto_traits_of_other_values_are_the_same(twin) {
        table! {
            twin::iterator(1);
            twin::iterator_rc(Rc::new(1));
            twin::closure(1);
        }
    }

    fn functions_whose_auto_traits_are_asked_for_behave_alike(twin) {
        let agent = twin::Agent(1_u8);
        let mut changed = twin::Agent(1_u8);
        wait(async {
            let streams = (
                (twin::stream(1).count().await, twin::stream_rc(Rc::new(1)).count().await),
                (twin::stream_cell(Cell::new(1)).count().await, twin::stream_pinned(1).count().await),
                (twin::stream_with_rules(1).count().await, twin::boxed_stream(1).count().await),
                (twin::local_boxed_stream(1).count().await, twin::all_boxed_stream(1).count().await),
                (twin::boxed_opaque_stream(1).count().await, twin::result_of_stream(0).err()),
                twin::option_of_stream(1).map(|_| ()),
                (twin::async_stream(2).await.count().await, twin::future_of_stream(2).await.count().await),
            );
            let futures = (
                (twin::owned("a".to_owned()).await, twin::rc(Rc::new(1)).await),
                (twin::cell(Cell::new(1)).await, twin::local_rc(1).await, twin::local_cell(1).await),
                (twin::mutable(&mut 1).await, twin::dynamic(&std::fmt::Error).await),
                twin::fallible(0).await.map_err(|error| error.to_string()),
                (twin::generic(1).await, twin::generic_reference(&1_u8).await, twin::argument(1_u8).await),
                (twin::opaque_future(1).await, twin::opaque_future_cell(Cell::new(1)).await),
                (twin::ready(1).await, twin::boxed_future(1).await, twin::local_boxed_future(1).await),
                (twin::all_boxed_future(1).await, twin::unwind_safe_boxed_future(1).await),
                (twin::boxed_opaque_future(1).await, twin::future_with_options(1).await),
                (twin::with_options("a".to_owned()).await, twin::with_err(1).await),
            );
            let methods = (
                (agent.by_reference().await, changed.by_mutable_reference().await),
                (twin::Agent(1_u8).by_value().await, Arc::new(twin::Agent(1_u8)).by_arc().await),
                (agent.generic_method(1_u8).await, agent.method_future().await),
                (agent.method_stream().count().await, Tool::call(&agent, 1).await),
            );
            let others =
                (twin::iterator(2).count(), twin::iterator_rc(Rc::new(1)).count(), twin::closure(1)(1));
            (streams, futures, methods, others)
        })
    }
}

/// The documentation of `boxed` names the loss: a box has the auto traits that its type names.
#[cfg(feature = "enabled")]
#[test]
fn boxed_keeps_send_alone() {
    use prefactor::span;

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

/// Checks that the build has the feature that the tests need, so that a change of features cannot make them empty.
#[test]
fn locks_of_tokio_are_unwind_safe_only_without_parking_lot() {
    let is_unwind_safe = auto_traits!(&tokio::sync::Semaphore::new(1))[3];
    assert_eq!(is_unwind_safe, !cfg!(feature = "parking_lot"));
}
