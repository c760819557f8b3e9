//! Functions that return streams, opaque or boxed, async or not.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::stream::{BoxStream, LocalBoxStream, empty, iter, once, poll_fn, repeat, unfold};
use futures_util::{Stream, StreamExt as _};
use prefactor_attribute::{alike, twins, wait};

pub(crate) type Chunks<'a> = Pin<Box<dyn Stream<Item = Result<String, std::num::ParseIntError>> + Send + 'a>>;

twins! {
    #[span("streams:opaque")]
    pub(crate) fn opaque(n: u32) -> impl Stream<Item = u32> {
        iter(0..n)
    }

    #[span("streams:opaque_path")]
    pub(crate) fn opaque_path(n: u32) -> impl ::futures_util::stream::Stream<Item = u32> + Send + Unpin {
        iter(0..n).map(|n| n * 2)
    }

    #[span("streams:opaque_results")]
    pub(crate) fn opaque_results<'a>(
        texts: &'a [&'a str],
    ) -> impl Stream<Item = Result<u8, String>> + Send + 'a {
        iter(texts).map(|text| text.parse::<u8>().map_err(|error| error.to_string()))
    }

    #[span("streams:inferred_items")]
    pub(crate) fn inferred_items(n: u8) -> impl Stream<Item = Result<u8, String>> {
        once(async move { Ok(n.into()) })
    }

    #[span("streams:opaque_generic")]
    pub(crate) fn opaque_generic<T: Clone, const N: usize>(value: T) -> impl Stream<Item = [T; N]> {
        repeat(value).take(2).map(|value| std::array::from_fn(|_| value.clone()))
    }

    #[span("streams:argument")]
    pub(crate) fn of_stream(inner: impl Stream<Item = u32>, by: &u32) -> impl Stream<Item = u32> {
        inner.map(move |n| n + by)
    }

    #[span("streams:local")]
    pub(crate) fn opaque_local(shared: Rc<u32>) -> impl Stream<Item = u32> {
        unfold(0, move |n| {
            let limit = *shared;
            async move { (n < limit).then_some((n, n + 1)) }
        })
    }

    #[span("streams:boxed")]
    pub(crate) fn boxed(n: u32) -> Pin<Box<dyn Stream<Item = u32> + Send>> {
        let doubled = n * 2;
        Box::pin(iter(0..doubled))
    }

    #[span("streams:boxed_local")]
    pub(crate) fn boxed_local(shared: Rc<u32>) -> Pin<Box<dyn Stream<Item = u32>>> {
        Box::pin(repeat(*shared).take(2))
    }

    #[span("streams:by_method")]
    pub(crate) fn by_method(text: &str) -> BoxStream<'_, char> {
        iter(text.chars()).boxed()
    }

    #[span("streams:by_local_method")]
    pub(crate) fn by_local_method(text: &str) -> LocalBoxStream<'_, &str> {
        iter(text.split(' ')).boxed_local()
    }

    #[span("streams:alias")]
    pub(crate) fn own_alias<'a>(texts: &'a [&str]) -> Chunks<'a> {
        if texts.is_empty() {
            return empty().boxed();
        }
        Box::pin(iter(texts).map(|text| Ok(text.parse::<u8>()?.to_string())))
    }

    #[span("streams:poll_fn")]
    pub(crate) fn by_hand(mut left: u32) -> impl Stream<Item = u32> {
        poll_fn(move |_| {
            left = left.saturating_sub(1);
            std::task::Poll::Ready((left > 0).then_some(left))
        })
    }

    #[span("streams:async_opaque")]
    pub(crate) async fn async_opaque(n: u32) -> impl Stream<Item = u32> {
        tokio::task::yield_now().await;
        iter(0..n)
    }

    #[span("streams:async_opaque_borrowed")]
    pub(crate) async fn async_opaque_borrowed(words: &[String]) -> impl Stream<Item = &str> + Send {
        tokio::task::yield_now().await;
        iter(words.iter().map(String::as_str))
    }

    #[span("streams:async_boxed")]
    pub(crate) async fn async_boxed(text: &str) -> BoxStream<'_, char> {
        tokio::task::yield_now().await;
        iter(text.chars()).boxed()
    }

    #[span("streams:async_fallible")]
    pub(crate) async fn async_fallible(ok: bool) -> Result<impl Stream<Item = u32>, String> {
        if !ok {
            return Err("no stream".to_owned());
        }
        Ok(iter(0..3))
    }

    #[span("streams:async_fallible_boxed")]
    pub(crate) async fn async_fallible_boxed(
        ok: bool,
    ) -> Result<BoxStream<'static, u32>, Box<dyn std::error::Error>> {
        if !ok {
            Err("no stream")?;
        }
        Ok(iter(0..3).boxed())
    }

    #[span("streams:fallible")]
    pub(crate) fn fallible(ok: bool) -> Result<impl Stream<Item = Result<u32, Infallible>>, String> {
        if ok { Ok(iter([Ok(1), Ok(2)])) } else { Err("no stream".into()) }
    }

    pub(crate) struct Model {
        words: Vec<String>,
    }

    impl Model {
        pub(crate) fn new() -> Self {
            Self { words: ["a", "b", "c"].map(str::to_owned).into() }
        }

        #[span("streams:method")]
        pub(crate) fn answer(&self, from: usize) -> impl Stream<Item = &str> + '_ {
            iter(self.words[from..].iter().map(String::as_str))
        }
    }
}

async fn all<S: Stream>(stream: S) -> Vec<S::Item> {
    stream.collect().await
}

alike! {
    fn opaque_streams_behave_alike(twin) {
        wait(async {
            (
                all(twin::opaque(3)).await,
                all(twin::opaque_path(3)).await,
                all(twin::opaque_results(&["1", "x", "3"])).await,
                all(twin::inferred_items(4)).await,
                all(twin::opaque_generic::<_, 2>('c')).await,
                all(twin::of_stream(iter([1, 2]), &10)).await,
                all(twin::opaque_local(Rc::new(3))).await,
                all(twin::by_hand(4)).await,
                all(twin::Model::new().answer(1).map(str::to_owned)).await,
            )
        })
    }

    fn boxed_streams_behave_alike(twin) {
        wait(async {
            (
                all(twin::boxed(2)).await,
                all(twin::boxed_local(Rc::new(2))).await,
                all(twin::by_method("abc")).await,
                all(twin::by_local_method("a b")).await,
                all(twin::own_alias(&["1", "x"])).await,
                all(twin::own_alias(&[])).await,
            )
        })
    }

    fn streams_of_async_functions_behave_alike(twin) {
        let words = ["a".to_owned(), "b".to_owned()];
        wait(async {
            let mut fallible = Vec::new();
            for ok in [true, false] {
                fallible.push(match twin::async_fallible(ok).await {
                    Ok(stream) => Ok(all(stream).await),
                    Err(error) => Err(error),
                });
                fallible.push(match twin::async_fallible_boxed(ok).await {
                    Ok(stream) => Ok(all(stream).await),
                    Err(error) => Err(error.to_string()),
                });
            }
            (
                all(twin::async_opaque(3).await).await,
                all(twin::async_opaque_borrowed(&words).await.map(str::to_owned)).await,
                all(twin::async_boxed("ab").await).await,
                fallible,
                match twin::fallible(true) {
                    Ok(stream) => Ok(all(stream).await),
                    Err(error) => Err(error),
                },
                twin::fallible(false).is_err(),
            )
        })
    }

    fn size_hints_and_polls_after_the_end_behave_alike(twin) {
        let hints =
            (twin::opaque(3).size_hint(), twin::boxed(3).size_hint(), twin::opaque_path(2).size_hint());
        let mut stream = twin::opaque_path(1);
        let items = wait(async { [stream.next().await, stream.next().await, stream.next().await] });
        (hints, items)
    }

    fn what_is_send_or_unpin_stays_so(twin) {
        fn assert_send<T: Send>(_: &T) -> bool {
            true
        }
        fn assert_unpin<T: Unpin>(_: &T) -> bool {
            true
        }
        (
            assert_send(&twin::opaque(1)) && assert_unpin(&twin::opaque(1)),
            assert_send(&twin::opaque_path(1)) && assert_unpin(&twin::opaque_path(1)),
            assert_send(&twin::boxed(1)),
        )
    }
}
