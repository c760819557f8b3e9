//! Opaque return types with more bounds than `Future` or `Stream`, and other rare return types.

use std::fmt::{Debug, Display};
use std::future::{Future, IntoFuture, Ready, ready};

use futures_util::future::{self, BoxFuture, Either, FusedFuture, TryFuture};
use futures_util::stream::{self, FusedStream, TryStream, iter};
use futures_util::{FutureExt as _, Stream, StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use prefactor_attribute::{alike, twins, wait};

macro_rules! own_type {
    () => { Result<Vec<u8>, String> };
}

/// Two containers behind one name.
pub(crate) type Nested<T> = Result<Option<T>, String>;

twins! {
    #[span("opaque:nested")]
    pub(crate) fn nested(n: u8) -> impl Future<Output = impl Display> {
        ready(n)
    }

    #[span("opaque:nested_result")]
    pub(crate) fn nested_result(n: u8) -> impl Future<Output = Result<impl Display, impl Debug>> + Send {
        async move { if n == 0 { Err("zero") } else { Ok(n) } }
    }

    #[span("opaque:nested_future")]
    pub(crate) fn nested_future(n: u8) -> impl Future<Output = impl Future<Output = u8>> {
        async move { ready(n) }
    }

    #[span("opaque:bounds_first")]
    pub(crate) fn bounds_first(n: u8) -> impl Send + Future<Output = u8> {
        ready(n)
    }

    #[span("opaque:into_future")]
    pub(crate) fn into_future(n: u8) -> impl IntoFuture<Output = u8, IntoFuture: Send> {
        ready(n)
    }

    #[span("opaque:unpin")]
    pub(crate) fn unpin(n: u8) -> impl Future<Output = u8> + Unpin + Send + Sync {
        ready(n)
    }

    #[span("opaque:clone")]
    pub(crate) fn cloneable(n: u8) -> impl Future<Output = u8> + Clone {
        ready(n)
    }

    #[span("opaque:debug")]
    pub(crate) fn debuggable(n: u8) -> impl Future<Output = u8> + Debug {
        ready(n)
    }

    #[span("opaque:fused")]
    pub(crate) fn fused(n: u8) -> impl FusedFuture<Output = u8> {
        ready(n).fuse()
    }

    #[span("opaque:also_fused")]
    pub(crate) fn also_fused(n: u8) -> impl Future<Output = u8> + FusedFuture {
        ready(n).fuse()
    }

    #[span("opaque:try_future")]
    pub(crate) fn try_future(ok: bool) -> impl TryFuture<Ok = u8, Error = String> {
        ready(if ok { Ok(1) } else { Err("no".to_owned()) })
    }

    #[span("opaque:fused_stream")]
    pub(crate) fn fused_stream(n: u8) -> impl FusedStream<Item = u8> {
        iter(0..n).fuse()
    }

    #[span("opaque:also_fused_stream")]
    pub(crate) fn also_fused_stream(n: u8) -> impl Stream<Item = u8> + FusedStream + Send {
        iter(0..n).fuse()
    }

    #[span("opaque:try_stream")]
    pub(crate) fn try_stream(n: u8) -> impl TryStream<Ok = u8, Error = String> {
        iter((0..n).map(Ok))
    }

    #[span("opaque:stream_of_opaque")]
    pub(crate) fn stream_of_opaque(n: u8) -> impl Stream<Item = impl Display> {
        iter(0..n)
    }

    #[span("opaque:named_future")]
    pub(crate) fn named_future(n: u8) -> Ready<u8> {
        ready(n)
    }

    #[span("opaque:either")]
    pub(crate) fn either(left: bool) -> Either<Ready<u8>, BoxFuture<'static, u8>> {
        if left { Either::Left(ready(1)) } else { Either::Right(ready(2).boxed()) }
    }

    #[span("opaque:either_of_futures")]
    pub(crate) fn either_of_futures(
        left: bool,
    ) -> Either<impl Future<Output = u8>, impl Future<Output = u8>> {
        if left { Either::Left(ready(1_u8)) } else { Either::Right(async { 2_u8 }) }
    }

    #[span("opaque:either_of_streams")]
    pub(crate) async fn either_of_streams(
        left: bool,
    ) -> Either<impl Stream<Item = u8>, impl Stream<Item = u8>> {
        if left { Either::Left(iter([1_u8])) } else { Either::Right(iter([2_u8]).fuse()) }
    }

    #[span("opaque:adapted_future")]
    pub(crate) fn adapted_future(n: u8) -> future::Fuse<impl Future<Output = u8>> {
        ready(n).fuse()
    }

    #[span("opaque:adapted_stream")]
    pub(crate) fn adapted_stream(n: u8) -> stream::Fuse<impl Stream<Item = u8>> {
        iter(0..n).fuse()
    }

    #[span("opaque:result_of_adapted")]
    pub(crate) fn result_of_adapted(n: u8) -> Result<stream::Fuse<impl Stream<Item = u8>>, String> {
        if n == 0 { Err("zero".to_owned()) } else { Ok(iter(0..n).fuse()) }
    }

    #[span("opaque:boxed_adapted")]
    pub(crate) fn boxed_adapted(n: u8) -> Box<stream::Fuse<impl Stream<Item = u8> + Unpin>> {
        Box::new(iter(0..n).fuse())
    }

    #[span("opaque:future_of_adapted", ret(skip))]
    pub(crate) fn future_of_adapted(n: u8) -> impl Future<Output = stream::Fuse<impl Stream<Item = u8>>> {
        async move { iter(0..n).fuse() }
    }

    #[span("opaque:several")]
    pub(crate) fn several(n: u8) -> Vec<impl Stream<Item = u8>> {
        vec![iter(0..n), iter(0..2)]
    }

    #[span("opaque:aliased")]
    pub(crate) fn aliased(n: u8) -> Nested<impl Stream<Item = u8>> {
        Ok((n > 0).then(|| iter(0..n)))
    }

    #[span("opaque:option_of_boxed")]
    pub(crate) fn option_of_boxed(some: bool) -> Option<BoxFuture<'static, u8>> {
        some.then(|| ready(1).boxed())
    }

    #[span("opaque:macro_type")]
    pub(crate) async fn macro_type(n: u8) -> own_type!() {
        let items = (0..n).collect();
        Ok(items)
    }

    #[span("opaque:macro_type_sync")]
    pub(crate) fn macro_type_sync(text: &str) -> own_type!() {
        text.bytes().map(|byte| byte.checked_sub(1).ok_or_else(String::new)).collect()
    }

    #[span("opaque:dyn_fn")]
    pub(crate) async fn dyn_function() -> Option<&'static (dyn Fn(&str) -> &str + Sync)> {
        Some(&|text| text.trim())
    }

    #[span("opaque:precise")]
    pub(crate) fn precise<'a, T: Clone>(value: &'a T, _other: &str) -> impl Future<Output = T> + use<'a, T> {
        async { value.clone() }
    }

    pub(crate) trait Source {
        type Item;

        fn required(&mut self) -> impl Future<Output = Option<Self::Item>> + Send;

        #[span("opaque:default_async")]
        async fn first(&mut self, mut skipped: usize) -> Option<Self::Item> {
            while skipped > 0 {
                self.required().await?;
                skipped -= 1;
            }
            self.required().await
        }

        #[span("opaque:default_stream")]
        fn stream(self) -> impl Stream<Item = Self::Item>
        where
            Self: Sized,
        {
            stream::unfold(self, |mut source| async {
                Some((source.required().await?, source))
            })
        }
    }

    impl Source for std::ops::Range<u8> {
        type Item = u8;

        #[span("opaque:implemented")]
        async fn required(&mut self) -> Option<Self::Item> {
            self.next()
        }
    }
}

alike! {
    fn futures_behave_alike(twin) {
        wait(async {
            (
                (twin::nested(1).await.to_string(), twin::nested_future(2).await.await),
                twin::nested_result(1).await.map(|n| n.to_string()).map_err(|error| format!("{error:?}")),
                twin::nested_result(0).await.map(|n| n.to_string()).map_err(|error| format!("{error:?}")),
                (twin::bounds_first(3).await, twin::into_future(4).await, twin::unpin(5).await),
                (twin::cloneable(6).clone().await, !format!("{:?}", twin::debuggable(7)).is_empty()),
                (twin::fused(8).await, twin::also_fused(9).await, twin::fused(1).is_terminated()),
                (twin::try_future(true).map_ok(Some).await, twin::try_future(false).map_ok(Some).await),
                (
                    twin::precise(&1, "").await,
                    twin::named_future(1).await,
                    twin::either(true).await,
                    twin::either(false).await,
                ),
            )
        })
    }

    fn streams_behave_alike(twin) {
        wait(async {
            (
                twin::fused_stream(2).collect::<Vec<_>>().await,
                twin::also_fused_stream(2).collect::<Vec<_>>().await,
                twin::try_stream(2).into_stream().collect::<Vec<_>>().await,
                twin::stream_of_opaque(2).map(|item| item.to_string()).collect::<Vec<_>>().await,
            )
        })
    }

    fn named_futures_and_streams_around_opaque_ones_behave_alike(twin) {
        wait(async {
            (
                (twin::either_of_futures(true).await, twin::either_of_futures(false).await),
                twin::either_of_streams(true).await.collect::<Vec<_>>().await,
                twin::either_of_streams(false).await.collect::<Vec<_>>().await,
                (twin::adapted_future(1).is_terminated(), twin::adapted_future(1).await),
                (twin::adapted_stream(0).is_done(), twin::adapted_stream(2).collect::<Vec<_>>().await),
                (twin::result_of_adapted(0).err(), twin::result_of_adapted(2).unwrap().count().await),
                (twin::boxed_adapted(2).is_done(), twin::boxed_adapted(2).count().await),
                (twin::future_of_adapted(2).await.count().await, twin::several(1).len()),
                (twin::aliased(2).unwrap().unwrap().count().await, twin::aliased(0).unwrap().is_none()),
            )
        })
    }

    fn other_types_and_traits_that_are_returned_behave_alike(twin) {
        use twin::Source as _;
        wait(async {
            let boxed = match twin::option_of_boxed(true) {
                Some(future) => Some(future.await),
                None => None,
            };
            (
                (boxed, twin::option_of_boxed(false).is_none()),
                (twin::macro_type(2).await, twin::macro_type_sync("a"), twin::macro_type_sync("\0")),
                twin::dyn_function().await.map(|trim| trim(" a ").to_owned()),
                ((0..5).first(2).await, (0..5).first(7).await, (0..3).stream().collect::<Vec<_>>().await),
            )
        })
    }
}

/// Other attributes that rewrite functions.
mod with_tokio {
    use prefactor::span;

    #[tokio::test]
    #[span("opaque:tokio_below")]
    async fn attribute_below_tokios_test_runs() {
        tokio::task::yield_now().await;
    }

    #[span("opaque:tokio_above")]
    #[tokio::test]
    async fn attribute_above_tokios_test_runs() -> Result<(), std::num::ParseIntError> {
        tokio::task::yield_now().await;
        "1".parse::<u8>().map(drop)
    }

    #[span("opaque:test")]
    #[test]
    fn attribute_above_a_test_runs() {}

    #[test]
    #[span("opaque:test_below")]
    #[should_panic = "on purpose"]
    fn attribute_below_a_test_that_should_panic_lets_it_panic() {
        panic!("on purpose");
    }
}
