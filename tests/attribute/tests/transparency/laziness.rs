//! The time at which functions start to work, and the traits of their futures and streams: `Send`, `Sync`, `'static`.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::iter;
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, poll_once, twins, wait};

use crate::auto_traits::{Otherwise as _, ask, auto_traits};

pub(crate) type Count = Rc<Cell<u32>>;

fn count(count: &Count) {
    count.set(count.get() + 1);
}

twins! {
    #[span("laziness:async")]
    pub(crate) async fn counts(counter: &Count) -> u32 {
        count(counter);
        tokio::task::yield_now().await;
        count(counter);
        counter.get()
    }

    #[span("laziness:boxed_option", boxed(local))]
    pub(crate) async fn counts_boxed(counter: &Count) -> u32 {
        count(counter);
        counter.get()
    }

    #[span("laziness:returned")]
    pub(crate) fn counts_at_once(counter: Count) -> impl Future<Output = u32> {
        count(&counter);
        async move {
            count(&counter);
            counter.get()
        }
    }

    #[span("laziness:boxed")]
    pub(crate) fn counts_boxed_at_once(counter: Arc<std::sync::Mutex<u32>>) -> BoxFuture<'static, u32> {
        *counter.lock().unwrap() += 1;
        Box::pin(async move {
            let mut count = counter.lock().unwrap();
            *count += 1;
            *count
        })
    }

    #[span("laziness:stream")]
    pub(crate) fn counts_items(counter: &Count) -> impl Stream<Item = u32> {
        count(counter);
        iter(0..3).inspect(|_| count(counter))
    }

    #[span("laziness:send")]
    pub(crate) async fn is_send(text: String) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }

    #[span("laziness:not_send")]
    pub(crate) async fn holds_rc(shared: Rc<u8>) -> u8 {
        tokio::task::yield_now().await;
        *shared
    }

    #[span("laziness:local_not_send")]
    pub(crate) async fn holds_local_rc(n: u8) -> u8 {
        let shared = Rc::new(n);
        tokio::task::yield_now().await;
        *shared
    }

    #[span("laziness:dropped_before")]
    pub(crate) async fn drops_rc_before(n: u8) -> u8 {
        {
            let _shared = Rc::new(n);
        }
        tokio::task::yield_now().await;
        n
    }

    #[span("laziness:returned_rc")]
    pub(crate) async fn formats(n: u8) -> String {
        let text = format!("{n}");
        tokio::task::yield_now().await;
        text + &format!("{n}")
    }

    #[span("laziness:not_sync")]
    pub(crate) async fn holds_cell(cell: Cell<u8>) -> u8 {
        tokio::task::yield_now().await;
        cell.get()
    }

    #[span("laziness:error_not_send")]
    pub(crate) async fn fails_with_rc(n: u8) -> Result<u8, Box<dyn std::error::Error>> {
        tokio::task::yield_now().await;
        if n == 0 {
            Err("zero")?;
        }
        Ok(n)
    }

    #[span("laziness:sync")]
    pub(crate) fn opaque_iterator(n: u8) -> impl Iterator<Item = u8> {
        0..n
    }

    #[span("laziness:sync_not_send")]
    pub(crate) fn opaque_iterator_not_send(n: Rc<u8>) -> impl Iterator<Item = u8> {
        (0..*n).map(move |m| m + *n)
    }

    #[span("laziness:borrowed")]
    pub(crate) async fn borrows<T: ?Sized>(value: &T) -> usize {
        tokio::task::yield_now().await;
        size_of_val(value)
    }

    #[span("laziness:static")]
    pub(crate) fn owns_nothing(_: &str) -> impl Future<Output = u8> + use<> {
        std::future::ready(1)
    }

    #[span("laziness:array")]
    pub(crate) fn large(n: u8) -> [u8; 4096] {
        [n; 4096]
    }

    #[span("laziness:opaque_value")]
    pub(crate) fn opaque_value(n: u8) -> impl Copy + Into<u64> {
        n
    }
}

alike! {
    fn nothing_happens_before_the_first_poll(twin) {
        let counter = Count::default();
        drop(twin::counts(&counter));
        drop(twin::counts_boxed(&counter));
        let after_async = counter.get();
        drop(twin::counts_at_once(Rc::clone(&counter)));
        let after_returned = counter.get();
        let mut future = Box::pin(twin::counts(&counter));
        let polled = poll_once(&mut future).is_pending();
        let after_poll = counter.get();
        drop(future);
        let mut stream = Box::pin(twin::counts_items(&counter));
        let after_stream = counter.get();
        let first = wait(stream.next());
        drop(stream);
        let lock = Arc::new(std::sync::Mutex::new(0));
        drop(twin::counts_boxed_at_once(Arc::clone(&lock)));
        let after_boxed = *lock.lock().unwrap();
        let boxed = (after_boxed, wait(twin::counts_boxed_at_once(Arc::clone(&lock))));
        ((after_async, after_returned, polled, after_poll), (after_stream, first, counter.get()), boxed)
    }

    fn sizes_of_values_behave_alike(twin) {
        let opaque = twin::opaque_value(1);
        (
            (size_of_val(&twin::large(1)), size_of_val(&opaque)),
            size_of_val(&twin::opaque_iterator(1)),
            wait(twin::borrows(&[1_u8, 2][..])),
        )
    }

    fn functions_of_which_only_the_types_matter_behave_alike(twin) {
        wait(async {
            (
                (twin::is_send("a".to_owned()).await, twin::holds_rc(Rc::new(1)).await),
                (twin::holds_local_rc(2).await, twin::drops_rc_before(3).await, twin::formats(4).await),
                (
                    twin::holds_cell(Cell::new(5)).await,
                    twin::fails_with_rc(0).await.map_err(|error| error.to_string()),
                ),
                twin::opaque_iterator_not_send(Rc::new(2)).collect::<Vec<_>>(),
                twin::owns_nothing("").await,
            )
        })
    }

    fn auto_traits_are_the_same(twin) {
        let (cell, counter) = (Cell::new(1), Count::default());
        (
            (auto_traits!(twin::is_send(String::new())), auto_traits!(twin::holds_rc(Rc::new(1)))),
            (
                auto_traits!(twin::holds_local_rc(1)),
                auto_traits!(twin::drops_rc_before(1)),
                auto_traits!(twin::formats(1)),
            ),
            (auto_traits!(twin::holds_cell(Cell::new(1))), auto_traits!(twin::fails_with_rc(1))),
            (
                auto_traits!(twin::opaque_iterator(1)),
                auto_traits!(twin::opaque_iterator_not_send(Rc::new(1))),
            ),
            (auto_traits!(twin::borrows(&1)), auto_traits!(twin::borrows(&cell))),
            (auto_traits!(twin::owns_nothing("")), auto_traits!(twin::counts_boxed(&counter))),
            auto_traits!(twin::counts_items(&counter)),
        )
    }
}

#[test]
fn futures_that_own_their_arguments_are_static() {
    fn assert_static<T: 'static>(_: T) {}
    assert_static(spanned::is_send(String::new()));
    assert_static(spanned::holds_rc(Rc::new(1)));
    assert_static(spanned::owns_nothing(&String::new()));
    assert_static(spanned::opaque_iterator(1));
}

/// Each level awaits the next. Without `boxed` the compiler gives up on types this deep, so the other mode, where
/// nothing is boxed, has no such chain.
#[cfg(feature = "enabled")]
macro_rules! chain {
    ($last:ident) => {
        #[span("laziness:chain", boxed)]
        async fn $last(n: u32) -> u32 {
            tokio::task::yield_now().await;
            n
        }
    };
    ($first:ident $second:ident $($rest:ident)*) => {
        #[span("laziness:chain", boxed)]
        async fn $first(n: u32) -> u32 {
            $second(n + 1).await
        }
        chain!($second $($rest)*);
    };
}

#[cfg(feature = "enabled")]
#[test]
fn sixty_boxed_functions_await_each_other() {
    use prefactor::span;
    chain! {
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
        d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
    }
    let answer = wait(async { tokio::spawn(a0(0)).await });
    assert_eq!(answer.ok(), Some(59));
}
