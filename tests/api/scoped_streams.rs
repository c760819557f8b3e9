//! The run of a stream: by `scope` it lasts as long as the stream, by `run` and `run_value` as long as the function.

use std::pin::Pin;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::{AgentInstance, Client, DropReason, span};
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, get, list};
use serde_json::Value;

use crate::support::TIMEOUT;

#[span("scoped:tool")]
async fn tool(number: u8) -> u8 {
    tokio::task::yield_now().await;
    number
}

fn items() -> impl Stream<Item = u8> + Send {
    stream::iter([1, 2]).then(tool)
}

#[span("scoped:stream")]
async fn fallible() -> anyhow::Result<BoxStream<'static, u8>> {
    Ok(items().boxed())
}

#[span("scoped:stream")]
async fn opaque() -> impl Stream<Item = u8> + Send {
    items()
}

#[span("scoped:stream")]
fn boxed_future() -> BoxFuture<'static, BoxStream<'static, u8>> {
    async { items().boxed() }.boxed()
}

#[span("scoped:stream", ret(items))]
fn of_no_async_function() -> Pin<Box<dyn Stream<Item = u8> + Send>> {
    items().boxed()
}

type Items = BoxStream<'static, u8>;

/// Calls a function in a run, and returns its stream alone.
type Called = fn(AgentInstance) -> BoxFuture<'static, Items>;

const SCOPED: [(&str, Called); 5] = [
    ("fallible", |run| async move { run.scope(fallible()).await.unwrap() }.boxed()),
    ("opaque", |run| async move { run.scope(opaque()).await.boxed() }.boxed()),
    ("boxed_future", |run| async move { run.in_scope(boxed_future).await }.boxed()),
    ("in_a_block", |run| async move { run.scope(async { boxed_future().await }).await }.boxed()),
    ("in_scope", |run| async move { run.in_scope(of_no_async_function) }.boxed()),
];

/// A server, a client, and a run of which only the stream is left.
struct Left {
    server: Server,
    client: Client,
    id: String,
}

impl Left {
    async fn by(call: Called) -> (Self, Items) {
        let server = Server::start().unwrap();
        let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
        let run = client.register("web");
        run.start();
        assert!(client.flush_async(TIMEOUT).await.is_complete);
        let id = run.id().unwrap();
        let items = call(run).await;
        (Self { server, client, id }, items)
    }

    /// The status of the run, that of the stream's span, and the number of spans below it.
    async fn status(&self) -> (String, String, usize) {
        assert!(self.client.flush_async(TIMEOUT).await.is_complete);
        let run: Value = get(&self.server, &format!("/api/v1/agent_instance/{}", self.id));
        let spans: Vec<StoredSpan> =
            list(&self.server, &format!("agent_spans?agent_instance_id={}", self.id));
        let stream = spans.iter().find(|span| span.schema_name == "scoped:stream").unwrap();
        let below = spans.iter().filter(|span| span.parent_span_id.as_ref() == Some(&stream.id)).count();
        (run["details"]["status"].as_str().unwrap().to_owned(), stream.status.clone(), below)
    }
}

fn status(run: &str, stream: &str, below: usize) -> (String, String, usize) {
    (run.to_owned(), stream.to_owned(), below)
}

#[tokio::test]
async fn run_of_a_scope_lasts_as_long_as_the_stream_that_was_called_in_it() {
    for (name, call) in SCOPED {
        let (left, mut items) = Left::by(call).await;
        assert_eq!(left.status().await, status("active", "active", 0), "{name}");
        assert_eq!(items.next().await, Some(1));
        assert_eq!(left.status().await, status("active", "active", 1), "{name}");
        assert_eq!(items.next().await, Some(2));
        assert_eq!(items.next().await, None);
        assert_eq!(left.status().await, status("complete", "complete", 2), "{name}");
        assert_eq!(left.client.stats().dropped(DropReason::RunFinished), 0, "{name}");
    }
}

#[tokio::test]
async fn run_of_a_scope_ends_when_the_stream_that_was_called_in_it_is_dropped() {
    for (name, call) in SCOPED {
        let (left, mut items) = Left::by(call).await;
        assert_eq!(items.next().await, Some(1));
        drop(items);
        assert_eq!(left.status().await, status("complete", "cancelled", 1), "{name}");
    }
}

/// The guide says that `run` and `run_value` are not for streams.
#[tokio::test]
async fn run_that_ends_with_its_function_drops_the_spans_that_the_stream_makes_later() {
    let calls: [(&str, Called); 2] = [
        ("run", |run| async move { run.run(fallible()).await.unwrap().unwrap() }.boxed()),
        ("run_value", |run| async move { run.run_value(opaque()).await.unwrap().boxed() }.boxed()),
    ];
    for (name, call) in calls {
        let (left, items) = Left::by(call).await;
        assert_eq!(left.status().await.0, "complete", "{name}");
        assert_eq!(items.count().await, 2, "the program's own work goes on");
        assert_eq!(left.client.stats().dropped(DropReason::RunFinished), 2, "{name}");
        assert_eq!(left.status().await.2, 0, "{name}");
    }
}

/// The guide says that functions that are not async are called where they are written.
#[tokio::test]
async fn function_that_returns_a_future_is_called_before_the_scope_that_is_given_it() {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let run = client.register("web");
    assert_eq!(run.scope(boxed_future()).await.count().await, 2);
    assert_eq!(client.stats().created, 0, "it was called outside of any run");
    assert_eq!(run.scope(async { boxed_future().await }).await.count().await, 2);
    assert_eq!(client.stats().created, 3);
}
