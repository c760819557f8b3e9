//! reqwest-middleware, whose requests are reqwest's own: a small middleware makes the span and writes the headers.

use async_trait::async_trait;
use prefactor::testing::Recorder;
use prefactor::tower::ServerLayer;
use prefactor::{SpanError, SpanStatus};
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};
use serde_json::json;

struct Spans;

#[async_trait]
impl Middleware for Spans {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let span = prefactor::span("http:client");
        span.start(&json!({ "method": request.method().as_str(), "path": request.url().path() }));
        span.context().inject(request.headers_mut());
        let answer = span.scope(next.run(request, extensions)).await;
        match &answer {
            Ok(response) => {
                span.set_result(&json!({ "status_code": response.status().as_u16() }));
                if response.status().is_client_error() || response.status().is_server_error() {
                    span.set_status(SpanStatus::Failed);
                }
            }
            Err(error) => span.set_error(SpanError::new(error.to_string())),
        }
        answer
    }
}

#[tokio::test]
async fn server_is_below_the_span_of_a_middleware() {
    let recorder = Recorder::new();
    let app = axum::Router::new()
        .route("/", axum::routing::get(|| async { "because" }))
        .layer(ServerLayer::new().join_callers(recorder.client()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = ClientBuilder::new(reqwest::Client::new()).with(Spans).build();
    recorder
        .run_async(async {
            client.get(&url).send().await.unwrap().bytes().await.unwrap();
            client.get(format!("{url}missing")).send().await.unwrap();
        })
        .await;
    recorder.trace().assert_outline(&[
        "http:client complete",
        "  http:request complete",
        "http:client failed",
        "  http:request complete",
    ]);
}
