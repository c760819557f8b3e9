//! Which items fail a stream, and which futures and streams are followed: what *Futures and streams* and *Limits* of the attribute say
//! about tuples, `Either`, and named types.

use std::sync::Arc;

use futures_util::future::{BoxFuture, Either, FutureExt as _, Ready, ready};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::span;
use serde_json::json;

use crate::support::{Stored, Trace};

type Read = Result<u8, &'static str>;

/// One function for each type of items, as an opaque stream and as a boxed one.
macro_rules! items {
    ($($opaque:ident $boxed:ident $status:literal: $item:ty = $value:expr;)*) => {
        $(
            #[span("items:one")]
            fn $opaque() -> impl Stream<Item = $item> {
                let item: $item = $value;
                stream::iter([item])
            }

            #[span("items:one")]
            async fn $boxed() -> Result<BoxStream<'static, $item>, String> {
                let item: $item = $value;
                Ok(stream::iter([item]).boxed())
            }
        )*

        #[test]
        fn item_fails_its_stream_as_a_returned_value_fails_its_function() {
            $(
                let opaque = Trace::of_async(async { $opaque().count().await });
                let boxed = Trace::of_async(async { $boxed().await.unwrap().count().await });
                for stored in [opaque, boxed] {
                    let span = stored.span("items:one");
                    assert_eq!(span.status, $status, "{}", stringify!($opaque));
                    if $status == "failed" {
                        assert_eq!(span.result()["message"], "deep", "{}", stringify!($opaque));
                    }
                    assert_eq!(span.result()["items"], 1, "{}", stringify!($opaque));
                }
            )*
        }
    };
}

items! {
    result result_boxed "failed": Read = Err("deep");
    result_of_result result_of_result_boxed "failed": Result<Read, u8> = Ok(Err("deep"));
    option option_boxed "failed": Option<Read> = Some(Err("deep"));
    option_of_shared option_of_shared_boxed "failed": Option<Arc<Read>> = Some(Arc::new(Err("deep")));
    none none_boxed "complete": Option<Read> = None;
    tuple tuple_boxed "complete": (u8, Read) = (1, Err("deep"));
    either either_boxed "complete": Either<Read, u8> = Either::Left(Err("deep"));
}

#[span("items:keyed", stream(fail = |(_, read)| read.err()), ret(items))]
fn keyed() -> impl Stream<Item = (&'static str, Read)> {
    stream::iter([("a", Ok(1)), ("b", Err("deep")), ("c", Ok(3))])
}

/// The cure for items that are tuples.
#[test]
fn rule_finds_the_failure_in_a_tuple() {
    let stored = Trace::of_async(async { keyed().count().await });
    let span = stored.span("items:keyed");
    let (status, message) = (&*span.status, &span.result()["message"]);
    assert_eq!((status, message, &span.result()["items"]), ("failed", &json!("deep"), &json!(3)));
    assert_eq!(span.result()["output"][1], json!(["b", { "Err": "deep" }]));
}

#[span("either:child")]
async fn child() -> Read {
    Err("deep")
}

#[span("either:named")]
fn named() -> Either<BoxFuture<'static, Read>, Ready<Read>> {
    Either::Left(child().boxed())
}

#[span("either:opaque_within")]
fn opaque_within() -> Either<impl Future<Output = Read>, impl Future<Output = Read>> {
    if cfg!(test) { Either::Left(child()) } else { Either::Right(ready(Read::Ok(1))) }
}

#[span("either:streams")]
async fn streams() -> Result<stream::Fuse<impl Stream<Item = Read>>, String> {
    Ok(stream::once(child()).fuse())
}

#[span("either:opaque")]
fn opaque() -> impl Future<Output = Read> {
    if cfg!(test) { Either::Left(child()) } else { Either::Right(ready(Read::Ok(1))) }
}

#[span("either:boxed")]
fn boxed() -> BoxStream<'static, Read> {
    let either =
        if cfg!(test) { Either::Left(stream::once(child())) } else { Either::Right(stream::empty()) };
    either.boxed()
}

/// The signature names the type, which stays as it is. So nothing can go along with the future or stream.
#[test]
fn future_or_stream_of_a_named_type_is_a_value_and_followed_as_an_impl_or_a_box() {
    let status = |name: &str, is_parent: bool, stored: Stored| {
        assert_eq!(stored.parent_of("either:child"), is_parent.then_some(name), "{name}");
        stored.span(name).status.clone()
    };
    let stored = Trace::of_async(async { named().await });
    assert_eq!(status("either:named", false, stored), "complete");
    let stored = Trace::of_async(async { opaque_within().await });
    assert_eq!(status("either:opaque_within", false, stored), "complete");
    let stored = Trace::of_async(async { streams().await.unwrap().count().await });
    assert_eq!(status("either:streams", false, stored), "complete");
    let stored = Trace::of_async(async { opaque().await });
    assert_eq!(status("either:opaque", true, stored), "failed");
    let stored = Trace::of_async(async { boxed().count().await });
    assert_eq!(status("either:boxed", true, stored), "failed");
}
