//! Functions that return futures and streams: their span starts at the call, whatever box holds the future or stream.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::{ContextGuard, Span, SpanFutureExt as _, SpanStreamExt as _, current_span, span};
use serde_json::json;

use crate::support::{Stored, Trace};

#[span("returned:lookup")]
fn lookup(model: &str) -> usize {
    model.len()
}

/// Each form of function, which asserts and looks something up before it returns.
macro_rules! eager {
    ($($name:ident $schema_name:literal -> $returned:ty { $size:ident => $value:expr })*) => {$(
        #[span($schema_name)]
        fn $name(model: &'static str) -> $returned {
            assert!(!model.is_empty(), "no model is set");
            let $size = lookup(model);
            $value
        }
    )*};
}

eager! {
    opaque_future "eager:opaque_future" -> impl Future<Output = usize> { size => async move { size } }
    boxed_future "eager:boxed_future" -> BoxFuture<'static, usize> { size => async move { size }.boxed() }
    opaque_stream "eager:opaque_stream" -> impl Stream<Item = usize> + Send { size => stream::iter([size]) }
    boxed_stream "eager:boxed_stream" -> BoxStream<'static, usize> { size => stream::iter([size]).boxed() }
    result_of_stream "eager:result_of_stream" -> Result<BoxStream<'static, usize>, String> {
        size => Ok(stream::iter([size]).boxed())
    }
}

/// Makes a call, and returns its result, unpolled.
type Call = fn(&'static str) -> Box<dyn Any>;

fn calls() -> [(&'static str, Call); 5] {
    [
        ("eager:opaque_future", |model| Box::new(opaque_future(model))),
        ("eager:boxed_future", |model| Box::new(boxed_future(model))),
        ("eager:opaque_stream", |model| Box::new(opaque_stream(model))),
        ("eager:boxed_stream", |model| Box::new(boxed_stream(model))),
        ("eager:result_of_stream", |model| Box::new(result_of_stream(model))),
    ]
}

#[test]
fn panic_before_the_return_fails_the_span() {
    for (name, call) in calls() {
        let stored = Trace::of(|| assert!(std::panic::catch_unwind(|| drop(call(""))).is_err()));
        let span = stored.span(name);
        assert_eq!(
            (&*span.status, &span.result()["message"]),
            ("failed", &json!("no model is set")),
            "{name}"
        );
    }
}

#[test]
fn calls_before_the_return_are_children() {
    for (name, call) in calls() {
        let stored = Trace::of(|| drop(call("small")));
        assert_eq!(stored.parent_of("returned:lookup"), Some(name));
    }
}

/// The span is read while the run is open, because the run's end would cancel it as well.
#[test]
fn future_or_stream_that_is_dropped_unpolled_is_cancelled() {
    for (name, call) in calls() {
        let trace = Trace::new();
        let returned = trace.instance.in_scope(|| call("small"));
        let status = || {
            let stored = trace.flushed();
            assert_eq!(stored.instance["status"], "active", "{name}");
            stored.span(name).status.clone()
        };
        assert_eq!(status(), "active", "{name}");
        drop(returned);
        assert_eq!(status(), "cancelled", "{name}");
    }
}

#[span("lazy:future")]
async fn lazy(model: &'static str) -> usize {
    lookup(model)
}

#[test]
fn async_function_that_is_never_polled_has_no_span() {
    assert_eq!(Trace::of(|| drop(lazy("small"))).spans.len(), 0);
}

#[test]
fn parent_is_the_one_at_the_call() {
    let stored = Trace::of_async(async {
        let caller = span("returned:caller");
        let (future, stream, result) = {
            let _entered = caller.enter();
            (opaque_future("small"), opaque_stream("small"), result_of_stream("small").unwrap())
        };
        let elsewhere = async move { (future.await, stream.count().await, result.count().await) };
        let spawned = tokio::spawn(elsewhere.with_span(&span("returned:elsewhere")));
        assert_eq!(spawned.await.unwrap(), (5, 1, 1));
    });
    for name in ["eager:opaque_future", "eager:opaque_stream", "eager:result_of_stream"] {
        assert_eq!(stored.parent_of(name), Some("returned:caller"), "{name}");
        assert_eq!(stored.span(name).status, "complete", "{name}");
    }
}

#[test]
fn run_is_the_one_at_the_call() {
    let trace = Trace::new();
    let stream = trace.instance.in_scope(|| opaque_stream("small"));
    assert_eq!(stream.count().now_or_never(), Some(1));
    assert_eq!(trace.finish().span("eager:opaque_stream").status, "complete");
}

#[span("dropped:child")]
fn child() {}

/// Calls an annotated function in its destructor.
struct Guard(bool);

impl Drop for Guard {
    fn drop(&mut self) {
        child();
        assert!(!self.0, "the destructor panics");
    }
}

impl Guard {
    #[span("dropped:receiver")]
    fn consumed(self) -> usize {
        1
    }

    #[span("dropped:receiver_async")]
    async fn consumed_async(self) -> usize {
        1
    }
}

#[span("dropped:leading")]
fn leading(_guard: Guard, _: Guard) {}

#[span("dropped:leading_async")]
async fn leading_async(_guard: Guard, _: Guard) {}

#[test]
fn destructors_of_arguments_run_inside_the_span() {
    let calls: [(&str, usize, fn(bool)); 4] = [
        ("dropped:leading", 2, |panics| leading(Guard(panics), Guard(false))),
        ("dropped:leading_async", 2, |panics| {
            let _ = leading_async(Guard(panics), Guard(false)).now_or_never();
        }),
        ("dropped:receiver", 1, |panics| {
            let _ = Guard(panics).consumed();
        }),
        ("dropped:receiver_async", 1, |panics| {
            let _ = Guard(panics).consumed_async().now_or_never();
        }),
    ];
    for (name, count, call) in calls {
        let stored = Trace::of(|| call(false));
        let span = stored.span(name);
        let is_child = |other: &&_| -> bool {
            let other: &&prefactor_tests::stored::StoredSpan = other;
            other.parent_span_id.as_ref() == Some(&span.id)
        };
        assert_eq!(
            (stored.spans.iter().filter(is_child).count(), &*span.status),
            (count, "complete"),
            "{name}"
        );
        let stored = Trace::of(|| assert!(std::panic::catch_unwind(|| call(true)).is_err()));
        assert_eq!(stored.span(name).status, "failed", "{name}");
    }
}

#[span("guards:enter")]
fn enter(span: &Span) -> ContextGuard {
    span.enter()
}

#[span("guards:enter_async")]
async fn enter_async(span: &Span) -> ContextGuard {
    span.enter()
}

#[test]
fn context_guard_handed_out_goes_on_working() {
    let stored = Trace::of(|| {
        let span = span("guards:parent");
        let guard = enter(&span);
        child();
        drop(guard);
        let guard = enter_async(&span).now_or_never().unwrap();
        lookup("x");
        drop(guard);
        assert!(current_span().is_noop());
    });
    assert_eq!(stored.parent_of("dropped:child"), Some("guards:parent"));
    assert_eq!(stored.parent_of("returned:lookup"), Some("guards:parent"));
}

type Late = Result<u32, String>;

async fn late() -> Late {
    child();
    Err("late".into())
}

fn late_items() -> impl Stream<Item = Late> + Send + Sync {
    stream::iter([0]).map(|_| {
        child();
        Err("late".into())
    })
}

/// One function for each return type, driven to its end. Each must fail with "late" and have a child.
macro_rules! boxes {
    ($($name:ident: $returned:ty = $value:expr, $value_of_call:ident => $drive:expr;)*) => {
        $(
            #[span("boxes:one")]
            fn $name() -> $returned {
                $value
            }
        )*

        #[test]
        fn futures_and_streams_are_followed_in_every_box() {
            $(
                let stored = Trace::of_async(async {
                    let $value_of_call = $name();
                    $drive
                });
                assert_followed(&stored, stringify!($name));
            )*
        }
    };
}

fn assert_followed(stored: &Stored, name: &str) {
    let span = stored.span("boxes:one");
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("late")), "{name}");
    assert_eq!(stored.parent_of("dropped:child"), Some("boxes:one"), "{name}");
}

boxes! {
    send: Pin<Box<dyn Future<Output = Late> + Send>> = Box::pin(late()), it => it.await.unwrap_err();
    local: Pin<Box<dyn Future<Output = Late>>> = Box::pin(late()), it => it.await.unwrap_err();
    sync: Pin<Box<dyn Future<Output = Late> + Send + Sync>> = Box::pin(late()), it => it.await.unwrap_err();
    sync_only: Pin<Box<dyn Future<Output = Late> + Sync>> = Box::pin(late()), it => it.await.unwrap_err();
    unpin: Box<dyn Future<Output = Late> + Send + Unpin> = Box::new(Box::pin(late())), it => it.await.unwrap_err();
    unpin_local: Box<dyn Future<Output = Late> + Unpin> = Box::new(Box::pin(late())), it => it.await.unwrap_err();
    pin_unpin: Pin<Box<dyn Future<Output = Late> + Send + Sync + Unpin>> = Box::pin(Box::pin(late())), it => it.await.unwrap_err();
    boxed_opaque: Pin<Box<impl Future<Output = Late>>> = Box::pin(late()), it => it.await.unwrap_err();
    box_opaque: Box<impl Future<Output = Late> + Unpin> = Box::new(Box::pin(late())), it => it.await.unwrap_err();
    stream_send: Pin<Box<dyn Stream<Item = Late> + Send>> = Box::pin(late_items()), it => it.count().await;
    stream_sync: Pin<Box<dyn Stream<Item = Late> + Send + Sync>> = Box::pin(late_items()), it => it.count().await;
    stream_unpin: Box<dyn Stream<Item = Late> + Send + Unpin> = Box::new(Box::pin(late_items())), it => it.count().await;
    stream_opaque: Pin<Box<impl Stream<Item = Late>>> = Box::pin(late_items()), it => it.count().await;
    optional: Option<BoxStream<'static, Late>> = Some(late_items().boxed()), it => it.unwrap().count().await;
    result: Result<BoxStream<'static, Late>, std::io::Error> = Ok(late_items().boxed()), it => it.unwrap().count().await;
    result_sync: Result<Pin<Box<dyn Stream<Item = Late> + Send + Sync>>, String> = Ok(Box::pin(late_items())), it => it.unwrap().count().await;
    result_opaque: Result<impl Stream<Item = Late>, String> = Ok(late_items()), it => it.unwrap().count().await;
    result_of_anyhow: anyhow::Result<impl Stream<Item = Late> + Send> = Ok(late_items()), it => it.unwrap().count().await;
    result_boxed_opaque: anyhow::Result<Pin<Box<impl Stream<Item = Late>>>> = Ok(Box::pin(late_items())), it => it.unwrap().count().await;
    result_of_result: anyhow::Result<Result<BoxStream<'static, Late>, u8>> = Ok(Ok(late_items().boxed())), it => it.unwrap().unwrap().count().await;
    future_of_stream: BoxFuture<'static, BoxStream<'static, Late>> = async { late_items().boxed() }.boxed(), it => it.await.count().await;
    future_of_result: BoxFuture<'static, anyhow::Result<BoxStream<'static, Late>>> = async { Ok(late_items().boxed()) }.boxed(), it => it.await.unwrap().count().await;
    opaque_of_stream: impl Future<Output = BoxStream<'static, Late>> = async { late_items().boxed() }, it => it.await.count().await;
    opaque_of_opaque: impl Future<Output = impl Stream<Item = Late>> + Send = async { late_items() }, it => it.await.count().await;
    opaque_of_result: impl Future<Output = anyhow::Result<impl Stream<Item = Late>>> = async { Ok(late_items()) }, it => it.await.unwrap().count().await;
}

#[span("boxes:one")]
async fn chat() -> anyhow::Result<BoxStream<'static, Late>> {
    Ok(late_items().boxed())
}

#[span("boxes:one")]
async fn chat_opaque() -> anyhow::Result<impl Stream<Item = Late>> {
    Ok(late_items())
}

#[span("boxes:one", err(debug))]
async fn chat_with_options() -> Result<BoxStream<'static, Late>, String> {
    Ok(late_items().boxed())
}

#[test]
fn streams_of_async_functions_are_followed_within_a_result() {
    assert_followed(&Trace::of_async(async { chat().await.unwrap().count().await }), "boxed");
    assert_followed(&Trace::of_async(async { chat_opaque().await.unwrap().count().await }), "opaque");
    assert_followed(&Trace::of_async(async { chat_with_options().await.unwrap().count().await }), "options");
}

#[span("refused:sync")]
fn refused(with: &str) -> Result<BoxStream<'static, Late>, String> {
    Err(with.to_owned())
}

#[span("refused:async")]
async fn refused_async(with: &str) -> anyhow::Result<impl Stream<Item = Late>> {
    Err::<stream::Empty<Late>, _>(anyhow::anyhow!("{with}"))
}

#[span("refused:options", err(debug))]
async fn refused_with_options(with: &str) -> Result<BoxStream<'static, Late>, String> {
    Err(with.to_owned())
}

#[test]
fn err_instead_of_a_stream_fails_the_span() {
    let stored = Trace::of_async(async {
        assert!(refused("429").is_err());
        assert!(refused_async("429").await.is_err());
        assert!(refused_with_options("429").await.is_err());
    });
    for (name, message) in [("refused:sync", "429"), ("refused:async", "429"), ("refused:options", "\"429\"")]
    {
        let span = stored.span(name);
        assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!(message)), "{name}");
    }
}

#[span("parents:owned", parent = caller)]
fn owned(caller: Span) -> String {
    format!("{}", caller.is_noop())
}

#[span("parents:reference", parent = &caller, skip(caller))]
fn reference(caller: Arc<Span>) {
    drop(caller);
}

#[span("parents:context", parent = context, skip(context))]
async fn context(context: prefactor::Context) {
    drop(context);
}

#[test]
fn parent_is_a_span_or_a_context_owned_or_borrowed() {
    let stored = Trace::of_async(async {
        let caller = Arc::new(span("parents:caller"));
        let of_caller = caller.context();
        owned(Span::clone(&caller));
        context(of_caller).await;
        reference(caller);
    });
    for name in ["parents:owned", "parents:reference", "parents:context"] {
        assert_eq!(stored.parent_of(name), Some("parents:caller"), "{name}");
    }
}

#[test]
fn stream_carries_a_span_by_hand() {
    let stored = Trace::of_async(async {
        let caller = span("parents:caller");
        let items = || stream::iter([1]).map(|_| child());
        let by_span = items().with_span(&caller);
        let entered = caller.enter();
        let by_current = items().with_current_span();
        drop(entered);
        assert_eq!(by_current.size_hint(), (1, Some(1)));
        assert_eq!(tokio::spawn(by_span.chain(by_current).count()).await.unwrap(), 2);
    });
    let caller = &stored.span("parents:caller").id;
    assert_eq!(stored.spans.iter().filter(|span| span.parent_span_id.as_ref() == Some(caller)).count(), 2);
}
