//! Requests through axum, from the client's layer to the end of the body.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::get;
use futures_util::stream;
use http_body_util::BodyExt as _;
use prefactor::export::MemoryProcessor;
use prefactor::testing::Recorder;
use prefactor::{Client, span};
use prefactor_tower::{ClientLayer, ServerLayer};
use tower_layer::Layer as _;
use tower_service::Service;

#[span("agent:think")]
async fn think() -> &'static str {
    "because"
}

fn by_route() -> ServerLayer {
    ServerLayer::new()
        .route(|request| request.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()))
}

fn app(layer: ServerLayer) -> Router {
    Router::new()
        .route("/answer/{id}", get(think))
        .route("/broken", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/missing", get(|| async { StatusCode::NOT_FOUND }))
        .route("/words", get(|| async { Body::from_stream(words(2)) }))
        .route("/waits", get(|| async { Body::from_stream(endless()) }))
        .route("/fails", get(|| async { Body::from_stream(failing()) }))
        .layer(layer)
}

/// Words of a model, each made within a span.
fn words(count: usize) -> impl futures_util::Stream<Item = Result<&'static str, Infallible>> {
    stream::unfold(0, move |number| async move {
        (number < count).then_some(())?;
        Some((Ok(think().await), number + 1))
    })
}

fn endless() -> impl futures_util::Stream<Item = Result<&'static str, Infallible>> {
    stream::unfold(0, |number| async move {
        if number > 0 {
            std::future::pending::<()>().await;
        }
        Some((Ok("word"), number + 1))
    })
}

fn failing() -> impl futures_util::Stream<Item = io::Result<&'static str>> {
    stream::iter([Ok("word"), Err(io::Error::other("the model is away"))])
}

fn request(path: &str) -> Request<Body> {
    Request::get(path).header("authorization", "Bearer abc123").body(Body::empty()).unwrap()
}

async fn answer(app: &mut Router, path: &str) -> Response<Body> {
    app.call(request(path)).await.unwrap()
}

#[tokio::test]
async fn request_is_named_by_its_route_and_its_headers_are_redacted() {
    let recorder = Recorder::new();
    let mut app = app(by_route());
    let (status, bytes) = recorder
        .run_async(async {
            let response = answer(&mut app, "/answer/7?lang=en").await;
            (response.status(), response.into_body().collect().await.unwrap().to_bytes())
        })
        .await;
    let trace = recorder.trace();
    trace.assert_outline(&["http:request complete", "  agent:think complete"]);
    let request = trace.find("http:request");
    assert_eq!(request.payload["name"], "GET /answer/{id}");
    assert_eq!(request.payload["path"], "/answer/7");
    assert_eq!(request.payload["query"], "lang=en");
    assert_eq!(request.payload["headers"]["authorization"], "[REDACTED]");
    assert_eq!((status.as_u16(), bytes.len()), (200, 7));
    assert_eq!(request.result["status_code"], status.as_u16());
    assert_eq!(request.result["body_bytes"], bytes.len());
}

#[tokio::test]
async fn stream_ends_its_request_and_has_its_work_below_it() {
    let recorder = Recorder::new();
    let mut app = app(ServerLayer::new());
    let response = recorder.run_async(answer(&mut app, "/words")).await;
    response.into_body().collect().await.unwrap();
    let trace = recorder.trace();
    trace.assert_outline(&["http:request complete", "  agent:think complete", "  agent:think complete"]);
    assert_eq!(trace.find("http:request").result["body_bytes"], 14);
}

#[tokio::test]
async fn caller_that_leaves_is_told_from_a_failure() {
    let recorder = Recorder::new();
    let mut app = app(ServerLayer::new());
    let mut left = recorder.run_async(answer(&mut app, "/waits")).await.into_body();
    left.frame().await.unwrap().unwrap();
    drop(left);
    recorder.trace().assert_outline(&["http:request cancelled"]);

    let recorder = Recorder::new();
    let failed = recorder.run_async(answer(&mut app, "/fails")).await.into_body();
    failed.collect().await.unwrap_err();
    let trace = recorder.trace();
    trace.assert_outline(&["http:request failed"]);
    assert!(trace.roots[0].error.as_ref().unwrap().message.contains("the model is away"));
}

#[tokio::test]
async fn future_that_is_dropped_before_its_head_is_cancelled() {
    let recorder = Recorder::new();
    let mut service = ServerLayer::new().layer(Silent);
    recorder.run_async(async { drop(service.call(request("/"))) }).await;
    recorder.trace().assert_outline(&["http:request cancelled"]);
}

/// A service that never answers.
struct Silent;

impl Service<Request<Body>> for Silent {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Pending<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::pending()
    }
}

#[tokio::test]
async fn status_decides_for_server_and_client_each_by_its_own_rule() {
    for (path, server, client) in [
        ("/broken", "failed", "failed"),
        ("/missing", "complete", "failed"),
        ("/answer/1", "complete", "complete"),
    ] {
        let recorder = Recorder::new();
        let mut both = ClientLayer::new().layer(app(ServerLayer::new()));
        recorder
            .run_async(async { both.call(request(path)).await.unwrap().into_body().collect().await.unwrap() })
            .await;
        let trace = recorder.trace();
        assert_eq!(trace.find("http:request").status.to_string(), server, "{path}");
        assert_eq!(trace.find("http:client").status.to_string(), client, "{path}");
    }
}

/// A service whose connection fails.
#[derive(Clone)]
struct Unreachable;

impl Service<Request<Body>> for Unreachable {
    type Response = Response<Body>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Response<Body>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        std::future::ready(Err(io::Error::from(io::ErrorKind::ConnectionRefused)))
    }
}

#[tokio::test]
async fn clients_request_is_failed_without_a_connection_and_cancelled_where_it_is_dropped() {
    let recorder = Recorder::new();
    let mut client = ClientLayer::new().layer(Unreachable);
    let error = recorder.run_async(async { client.call(request("/")).await.unwrap_err() }).await;
    let trace = recorder.trace();
    trace.assert_outline(&["http:client failed"]);
    assert!(trace.roots[0].error.as_ref().unwrap().message.contains(&error.to_string()));

    let recorder = Recorder::new();
    let mut client = ClientLayer::new().layer(Silent);
    recorder.run_async(async { drop(client.call(request("/"))) }).await;
    recorder.trace().assert_outline(&["http:client cancelled"]);

    let recorder = Recorder::new();
    let mut client = ClientLayer::new().layer(app(ServerLayer::new()));
    recorder
        .run_async(async {
            let mut body = client.call(request("/waits")).await.unwrap().into_body();
            body.frame().await.unwrap().unwrap();
        })
        .await;
    recorder.trace().assert_outline(&["http:client cancelled", "  http:request cancelled"]);
}

#[tokio::test]
async fn client_tells_its_own_span_and_removes_a_stale_state() {
    let recorder = Recorder::new();
    let seen = Arc::new(AtomicBool::new(false));
    let checked = Arc::clone(&seen);
    let server = Router::new().route(
        "/",
        get(move |headers: HeaderMap| async move {
            let parent = headers["traceparent"].to_str().unwrap().to_owned();
            let span = prefactor::Span::current();
            checked.store(parent.contains(&span.span_id().unwrap()), Ordering::Relaxed);
            assert!(parent.starts_with("00-") && parent.ends_with("-01"), "{parent}");
            assert!(
                headers.get_all("tracestate").iter().all(|state| !state.to_str().unwrap().contains("stale"))
            );
        }),
    );
    let mut client = ClientLayer::new().layer(server);
    let mut request = request("/");
    request.headers_mut().insert("tracestate", "stale=1".parse().unwrap());
    recorder.run_async(async { client.call(request).await.unwrap() }).await;
    assert!(seen.load(Ordering::Relaxed), "the header names the client's span");
}

#[tokio::test]
async fn remote_ids_are_kept_and_no_run_is_joined_unless_it_is_wanted() {
    let recorder = Recorder::new();
    let mut app = app(ServerLayer::new());
    let mut request = request("/missing");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";
    request.headers_mut().insert("traceparent", parent.parse().unwrap());
    recorder.run_async(async { app.call(request).await.unwrap() }).await;
    let trace = recorder.trace();
    let remote = &trace.find("http:request").payload["remote_parent"];
    assert_eq!(remote["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(remote["span_id"], "b7ad6b7169203331");
}

#[tokio::test]
async fn each_request_has_a_run_of_its_own_that_ends_with_it() {
    let recorder = Recorder::new();
    let client = recorder.client().clone();
    let before = client.stats().runs;
    let mut app = app(ServerLayer::new().run_per_request(&client, |_| "answerer".into()));
    for path in ["/answer/1", "/broken"] {
        answer(&mut app, path).await.into_body().collect().await.unwrap();
    }
    assert!(client.flush_async(std::time::Duration::from_secs(60)).await.is_complete);
    let runs = client.stats().runs;
    assert_eq!(runs.created - before.created, 2);
    assert_eq!(runs.outstanding, 0, "both have ended");
}

/// The caller leaves before the response has come, or within its body.
#[tokio::test]
async fn run_of_a_request_ends_as_its_span() {
    let memory = MemoryProcessor::new();
    let recorder = Recorder::with(Client::builder().processor(memory.clone()));
    let layer = || ServerLayer::new().run_per_request(recorder.client(), |_| "answerer".into());
    drop(layer().layer(Silent).call(request("/")));
    let mut app = app(layer());
    answer(&mut app, "/waits").await.into_body().frame().await.unwrap().unwrap();
    for path in ["/broken", "/answer/1"] {
        answer(&mut app, path).await.into_body().collect().await.unwrap();
    }
    let spans: Vec<_> = recorder.trace().roots.iter().map(|span| span.status.to_string()).collect();
    let runs: Vec<_> = memory.traces().iter().map(|run| run.status.unwrap().to_string()).collect();
    assert_eq!(runs, ["cancelled", "cancelled", "failed", "complete"]);
    assert_eq!(runs, spans);
}

#[tokio::test]
async fn concurrent_requests_keep_their_own_work_below_them() {
    let recorder = Recorder::new();
    let app = app(by_route());
    let one = |path: &'static str| {
        let mut app = app.clone();
        async move {
            let body = answer(&mut app, path).await.into_body();
            let _ = body.collect().await;
        }
    };
    recorder
        .run_async(async {
            tokio::join!(one("/words"), one("/answer/1"), one("/fails"), one("/words"), one("/missing"));
        })
        .await;
    let trace = recorder.trace();
    let outline = |span: &prefactor::testing::RecordedSpan| {
        let work: Vec<_> = span.children.iter().map(|child| child.name.as_str()).collect();
        format!("{} {} {work:?}", span.payload["path"].as_str().unwrap_or_default(), span.status)
    };
    let mut outlines: Vec<_> = trace.roots.iter().map(outline).collect();
    outlines.sort();
    assert_eq!(
        outlines,
        [
            r#"/answer/1 complete ["agent:think"]"#,
            "/fails failed []",
            "/missing complete []",
            r#"/words complete ["agent:think", "agent:think"]"#,
            r#"/words complete ["agent:think", "agent:think"]"#,
        ]
    );
}
