//! A service of axum and its client, in one process: the service's work is below the client's request.
//!
//! `cargo run -p prefactor-tower --example service`
//!
//! The recorder keeps the spans in memory. Programs call `prefactor::init()` instead, each in its own process.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::Request;
use axum::routing::get;
use http_body_util::BodyExt as _;
use prefactor::span;
use prefactor::testing::Recorder;
use prefactor_tower::{ClientLayer, ServerLayer};
use tower_layer::Layer as _;
use tower_service::Service as _;

#[span("agent:think")]
async fn think() -> &'static str {
    "because"
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example prints its spans")]
async fn main() -> Result<(), Infallible> {
    let recorder = Recorder::new();
    let layer = ServerLayer::new()
        .join_callers(recorder.client())
        .route(|request| request.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()));
    let service = Router::new().route("/answer/{id}", get(think)).layer(layer);
    let mut client = ClientLayer::new().layer(service);
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = http::Uri::from_static("http://localhost/answer/7");
    recorder
        .run_async(async {
            let answer = client.call(request).await?;
            drop(answer.into_body().collect().await);
            Ok::<_, Infallible>(())
        })
        .await?;
    print!("{}", recorder.trace());
    Ok(())
}
