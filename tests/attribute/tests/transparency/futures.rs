//! Functions that are not async and return a future, opaque or boxed.

use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use prefactor_attribute::{alike, twins, wait};

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

async fn helper(n: u32) -> u32 {
    tokio::task::yield_now().await;
    n + 1
}

twins! {
    #[span("futures:opaque")]
    pub(crate) fn opaque(n: u32) -> impl Future<Output = u32> {
        async move { helper(n).await }
    }

    #[span("futures:opaque_bounds")]
    pub(crate) fn opaque_send_static(n: u32) -> impl Future<Output = u32> + Send + 'static {
        let doubled = n * 2;
        helper(doubled)
    }

    #[span("futures:opaque_path")]
    pub(crate) fn opaque_full_path(
        n: u32,
    ) -> impl ::std::future::Future<Output = Result<u32, String>> + Send {
        ready(Ok(n))
    }

    #[span("futures:opaque_borrowed")]
    pub(crate) fn opaque_borrowed<'a>(text: &'a str, other: &str) -> impl Future<Output = &'a str> + use<'a> {
        let keep = other.len();
        async move { &text[keep..] }
    }

    #[span("futures:opaque_elided")]
    pub(crate) fn opaque_elided(text: &str) -> impl Future<Output = usize> + '_ {
        async { text.len() }
    }

    #[span("futures:opaque_generic")]
    pub(crate) fn opaque_generic<T: Clone + Send, const N: usize>(
        value: &T,
    ) -> impl Future<Output = [T; N]> + Send
    where
        T: Sync,
    {
        async { std::array::from_fn(|_| value.clone()) }
    }

    #[span("futures:opaque_local")]
    pub(crate) fn opaque_local(shared: Rc<u32>) -> impl Future<Output = u32> {
        async move {
            tokio::task::yield_now().await;
            *shared
        }
    }

    #[span("futures:boxed")]
    pub(crate) fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(async move { helper(n).await })
    }

    #[span("futures:boxed_local")]
    pub(crate) fn boxed_local(shared: Rc<u32>) -> Pin<Box<dyn Future<Output = u32>>> {
        Box::pin(async move { helper(*shared).await })
    }

    #[span("futures:boxed_helper")]
    pub(crate) fn boxed_helper(n: u32) -> BoxFuture<'static, u32> {
        Box::pin(helper(n))
    }

    #[span("futures:statements")]
    pub(crate) fn statements_first(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        let trimmed = text.trim();
        let length = trimmed.len();
        Box::pin(async move { helper(0).await as usize + length + trimmed.len() })
    }

    #[span("futures:method_call")]
    pub(crate) fn by_boxed_method<'a>(text: &'a str) -> BoxFuture<'a, &'a str> {
        async move { text.trim() }.boxed()
    }

    #[span("futures:local_method_call")]
    pub(crate) fn by_boxed_local_method(shared: &Rc<u32>) -> LocalBoxFuture<'_, u32> {
        async move { **shared }.boxed_local()
    }

    #[span("futures:alias")]
    pub(crate) fn own_alias<T>(value: &T) -> Answer<'_, &T>
    where
        T: Sync + ?Sized,
    {
        Box::pin(async move { Ok(value) })
    }

    #[span("futures:alias_failing")]
    pub(crate) fn own_alias_failing(text: &str) -> Answer<'static, u8> {
        let parsed = text.parse::<u8>();
        Box::pin(async move { parsed.map_err(|error| error.to_string()) })
    }

    #[span("futures:two_lifetimes")]
    pub(crate) fn two_lifetimes<'a, 'b: 'a>(
        left: &'a str,
        right: &'b str,
    ) -> BoxFuture<'a, (&'a str, &'b str)> {
        Box::pin(async move { (left, right) })
    }

    #[span("futures:boxed_mut")]
    pub(crate) fn boxed_mut<'a>(items: &'a mut Vec<u32>, more: &u32) -> BoxFuture<'a, &'a mut u32> {
        items.push(*more);
        Box::pin(async move {
            items.push(helper(7).await);
            &mut items[0]
        })
    }

    #[span("futures:boxed_generic")]
    pub(crate) fn boxed_generic<'a, T, F>(value: T, function: F) -> BoxFuture<'a, T>
    where
        T: Send + 'a,
        F: Fn(T) -> T + Send + 'a,
    {
        Box::pin(async move { function(value) })
    }

    #[span("futures:early")]
    pub(crate) fn early_return(n: u32) -> BoxFuture<'static, u32> {
        if n == 0 {
            return Box::pin(ready(100));
        }
        if n == 1 {
            return ready(200).boxed();
        }
        helper(n).boxed()
    }

    #[span("futures:recursive")]
    pub(crate) fn factorial(n: u64) -> BoxFuture<'static, u64> {
        Box::pin(async move { if n == 0 { 1 } else { n * factorial(n - 1).await } })
    }

    #[span("futures:fallible")]
    pub(crate) fn boxed_in_result(ok: bool) -> Result<BoxFuture<'static, u32>, String> {
        if ok { Ok(helper(1).boxed()) } else { Err("refused".to_owned()) }
    }

    #[span("futures:opaque_in_result")]
    pub(crate) fn opaque_in_result(ok: bool) -> Result<impl Future<Output = u32> + Send, String> {
        let n = if ok { 1 } else { Err("refused")? };
        Ok(helper(n))
    }

    #[span("futures:option")]
    pub(crate) fn opaque_in_option(some: bool) -> Option<impl Future<Output = u32>> {
        some.then(|| helper(4))
    }

    #[span("futures:tuple")]
    pub(crate) fn opaque_in_tuple(n: u32) -> (impl Future<Output = u32>, u32) {
        (helper(n), n)
    }

    #[span("futures:async_of_boxed")]
    pub(crate) async fn async_of_boxed(n: u32) -> BoxFuture<'static, u32> {
        tokio::task::yield_now().await;
        helper(n).boxed()
    }

    #[span("futures:async_of_opaque")]
    pub(crate) async fn async_of_opaque(n: u32) -> impl Future<Output = u32> {
        tokio::task::yield_now().await;
        helper(n)
    }

    #[span("futures:dyn_unpin")]
    pub(crate) fn dyn_unpin(n: u32) -> Box<dyn Future<Output = u32> + Unpin + Send> {
        Box::new(ready(n))
    }

    #[span("futures:sync_bound")]
    pub(crate) fn boxed_sync(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send + Sync>> {
        Box::pin(ready(n))
    }
}

alike! {
    fn opaque_futures_behave_alike(twin) {
        let text = String::from("abcdef");
        wait(async {
            (
                twin::opaque(1).await,
                twin::opaque_send_static(2).await,
                twin::opaque_full_path(3).await,
                twin::opaque_borrowed(&text, &String::from("ab")).await.to_owned(),
                twin::opaque_elided(&text).await,
                twin::opaque_generic::<_, 3>(&"x").await,
                twin::opaque_local(Rc::new(7)).await,
            )
        })
    }

    fn boxed_futures_behave_alike(twin) {
        let text = String::from("  abc ");
        let shared = Rc::new(9);
        let mut items = vec![1];
        wait(async {
            *twin::boxed_mut(&mut items, &5).await += 10;
            (
                twin::boxed(1).await,
                twin::boxed_local(Rc::new(2)).await,
                twin::boxed_helper(3).await,
                twin::statements_first(&text).await,
                twin::by_boxed_method(&text).await.to_owned(),
                twin::by_boxed_local_method(&shared).await,
                twin::own_alias("unsized").await.map(str::to_owned),
                [twin::own_alias_failing("7").await, twin::own_alias_failing("seven").await],
                twin::boxed_generic(4, |n| n * shared_factor()).await,
                (items, twin::two_lifetimes(&text, "b").await == (&*text, "b")),
            )
        })
    }

    fn early_returns_and_recursion_behave_alike(twin) {
        wait(async {
            let early =
                [twin::early_return(0).await, twin::early_return(1).await, twin::early_return(2).await];
            (early, twin::factorial(10).await)
        })
    }

    fn futures_within_other_values_behave_alike(twin) {
        wait(async {
            let boxed = [twin::boxed_in_result(true), twin::boxed_in_result(false)];
            let mut results = Vec::new();
            for result in boxed {
                results.push(match result {
                    Ok(future) => Ok(future.await),
                    Err(error) => Err(error),
                });
            }
            for ok in [true, false] {
                results.push(match twin::opaque_in_result(ok) {
                    Ok(future) => Ok(future.await),
                    Err(error) => Err(error),
                });
            }
            let (future, n) = twin::opaque_in_tuple(5);
            let option = match twin::opaque_in_option(true) {
                Some(future) => Some(future.await),
                None => None,
            };
            (
                results,
                (future.await, n),
                (option, twin::opaque_in_option(false).is_none()),
                twin::async_of_boxed(1).await.await,
                twin::async_of_opaque(2).await.await,
                twin::dyn_unpin(3).await,
                twin::boxed_sync(4).await,
            )
        })
    }
}

fn shared_factor() -> i32 {
    3
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

fn assert_static<T: 'static>(value: T) -> T {
    value
}

alike! {
    fn what_is_send_stays_send(twin) {
        let futures = (
            assert_send(twin::opaque(1)),
            assert_static(assert_send(twin::opaque_send_static(1))),
            assert_send(twin::opaque_generic::<_, 1>(&0)),
            assert_send(twin::opaque_borrowed("a", "")),
            assert_send(assert_static(twin::boxed(1))),
        );
        size_of_val(&futures) > 0
    }
}
