//! Functions that return futures and streams: the span lasts as long as what they return.

use std::pin::Pin;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::span;
use serde_json::{Value, json};

use crate::support::Trace;

#[span("test:child")]
async fn child(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

#[span("test:opaque_future")]
fn opaque_future(number: u32) -> impl Future<Output = Result<u32, String>> {
    async move { Ok(child(number).await) }
}

#[span("test:boxed_future")]
fn boxed_future(number: &u32) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send + '_>> {
    Box::pin(async move { Err(format!("{}", child(*number).await)) })
}

type Alias<'a, T> = BoxFuture<'a, T>;

#[span("test:aliased_future")]
fn aliased_future(number: u32) -> Alias<'static, u32> {
    let doubled = number * 2;
    child(doubled).boxed()
}

#[test]
fn returned_futures_are_spans_from_the_call_to_their_end() {
    let stored = Trace::of_async(async {
        assert_eq!(opaque_future(1).await, Ok(1));
        assert_eq!(boxed_future(&2).await, Err("2".into()));
        assert_eq!(aliased_future(3).await, 6);
    });
    assert_eq!(stored.spans.len(), 6);
    assert_eq!(stored.span("test:opaque_future").payload, json!({ "number": 1 }));
    assert_eq!(stored.span("test:boxed_future").status, "failed");
    assert_eq!(stored.span("test:aliased_future").result(), &json!({ "result": 6 }));
    for child in stored.spans.iter().filter(|span| span.schema_name == "test:child") {
        assert!(child.parent_span_id.is_some(), "{child:?}");
    }
}

#[span("test:opaque_stream")]
fn opaque_stream(count: u32) -> impl Stream<Item = u32> {
    stream::iter(0..count).then(child)
}

#[span("test:boxed_stream")]
fn boxed_stream<'a>(text: &'a str) -> BoxStream<'a, &'a str> {
    stream::iter(text.split(' ')).boxed()
}

#[span("test:async_stream")]
async fn async_stream(count: u32) -> impl Stream<Item = u32> {
    child(count).await;
    stream::iter(0..count)
}

#[span("test:async_boxed_stream")]
async fn async_boxed_stream(count: u32) -> Pin<Box<dyn Stream<Item = u32> + Send>> {
    child(count).await;
    stream::iter(0..count).boxed()
}

fn is_complete(span: &prefactor_tests::stored::StoredSpan, items: u64) {
    assert_eq!((span.status.as_str(), &span.result()["items"]), ("complete", &json!(items)), "{span:?}");
    let first = &span.result()["time_to_first_item_ms"];
    assert_eq!(matches!(first, Value::Number(_)), items > 0, "{span:?}");
}

#[test]
fn streams_are_spans_until_they_end() {
    let stored = Trace::of_async(async {
        assert_eq!(opaque_stream(3).collect::<Vec<_>>().await, [0, 1, 2]);
        assert_eq!(boxed_stream("a b").collect::<Vec<_>>().await, ["a", "b"]);
        assert_eq!(async_stream(2).await.count().await, 2);
        assert_eq!(async_boxed_stream(0).await.count().await, 0);
    });
    is_complete(stored.span("test:opaque_stream"), 3);
    is_complete(stored.span("test:boxed_stream"), 2);
    is_complete(stored.span("test:async_stream"), 2);
    is_complete(stored.span("test:async_boxed_stream"), 0);
    assert!(
        stored.spans.iter().all(|span| span.schema_name != "test:child" || span.parent_span_id.is_some())
    );
    stored.assert_times_nest();
}

#[span("test:failing", err(items))]
fn failing() -> impl Stream<Item = Result<u32, String>> {
    stream::iter([Ok(1), Err("broken".to_owned()), Ok(3)])
}

#[span("test:failing_by_default")]
fn failing_by_default() -> impl Stream<Item = Result<u32, String>> {
    stream::iter([Ok(1), Err("broken".to_owned()), Ok(3)])
}

#[span("test:boxed_failing", err(items))]
fn boxed_failing() -> BoxStream<'static, Result<u32, String>> {
    stream::iter([Err("at once".to_owned())]).boxed()
}

#[test]
fn stream_fails_with_its_first_err_item_and_goes_on() {
    let stored = Trace::of_async(async {
        assert_eq!(failing().count().await, 3);
        assert_eq!(failing_by_default().count().await, 3);
        assert_eq!(boxed_failing().count().await, 1);
    });
    let span = stored.span("test:failing");
    assert_eq!((span.status.as_str(), &span.result()["message"]), ("failed", &json!("broken")));
    assert_eq!(span.result()["items"], 3);
    assert_eq!(stored.span("test:failing_by_default").status, "failed");
    assert_eq!(stored.span("test:boxed_failing").status, "failed");
}

#[test]
fn stream_dropped_early_is_cancelled() {
    let stored = Trace::of_async(async {
        let mut stream = Box::pin(opaque_stream(5));
        assert_eq!(stream.next().await, Some(0));
    });
    let span = stored.span("test:opaque_stream");
    assert_eq!((span.status.as_str(), &span.result()["items"]), ("cancelled", &json!(1)));
}

#[test]
fn stream_that_panics_fails_and_goes_on_panicking() {
    #[span("test:panicking")]
    fn panicking() -> impl Stream<Item = u32> {
        stream::iter(0..3).map(|number| if number == 1 { panic!("at one") } else { number })
    }
    let stored = Trace::of_async(async {
        let caught = std::panic::AssertUnwindSafe(panicking().collect::<Vec<_>>()).catch_unwind().await;
        assert!(caught.is_err());
    });
    let span = stored.span("test:panicking");
    assert_eq!((span.status.as_str(), &span.result()["message"]), ("failed", &json!("at one")));
}

#[span("test:sized")]
fn sized() -> impl Stream<Item = u32> {
    stream::iter(0..7)
}

#[span("test:sized_in_a_result")]
fn sized_in_a_result() -> anyhow::Result<impl Stream<Item = u32>> {
    Ok(stream::iter(0..7))
}

#[span("test:sized_boxed")]
async fn sized_boxed() -> Result<BoxStream<'static, u32>, String> {
    Ok(stream::iter(0..7).boxed())
}

#[span("test:sized_rules", stream(end = |item| *item == 6), ret(items))]
fn sized_with_rules() -> Pin<Box<dyn Stream<Item = u32> + Send + Sync>> {
    Box::pin(stream::iter(0..7))
}

#[test]
fn stream_keeps_its_size_hint() {
    let hints = || {
        let boxed = sized_boxed().now_or_never().unwrap().unwrap();
        let in_a_result = sized_in_a_result().unwrap();
        [sized().size_hint(), in_a_result.size_hint(), boxed.size_hint(), sized_with_rules().size_hint()]
    };
    assert_eq!(hints(), [(7, Some(7)); 4]);
    let stored = Trace::of(|| assert_eq!(hints(), [(7, Some(7)); 4]));
    assert_eq!(stored.spans.len(), 4);
}

#[tokio::test]
async fn run_ends_with_the_function_and_scope_with_the_stream_that_it_returns() {
    let ends = async |is_run: bool| {
        let trace = Trace::new();
        let run = &trace.instance;
        let items = if is_run {
            run.run_value(async { opaque_stream(2) }).await.unwrap()
        } else {
            run.scope(async { opaque_stream(2) }).await
        };
        assert_eq!(items.collect::<Vec<_>>().await, [0, 1]);
        let counts = trace.client.shutdown(crate::support::TIMEOUT).stats;
        let stored = trace.stored_of(run);
        let status = stored.instance["status"].as_str().unwrap().to_owned();
        (stored.spans.len(), counts.dropped(prefactor::DropReason::RunFinished), status)
    };
    assert_eq!(ends(true).await, (1, 2, "complete".to_owned()), "the stream's later spans are too late");
    assert_eq!(ends(false).await, (3, 0, "complete".to_owned()));
}
