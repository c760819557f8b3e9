//! An axum service calls a tonic service, both join their caller's run: one tree.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::State;
use axum::routing::get;
use prefactor::span;
use prefactor::testing::Recorder;
use prefactor::tower::{ClientLayer, ClientService, ServerLayer};
use tonic::body::Body;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower_layer::Layer as _;

/// A hand-written gRPC service with one method, from text to text.
#[derive(Clone)]
struct Words;

#[span("tool:length")]
fn length(word: &str) -> Result<String, Status> {
    if word.is_empty() {
        return Err(Status::invalid_argument("there is no word"));
    }
    if word == "break" {
        return Err(Status::internal("the index is gone"));
    }
    Ok(word.len().to_string())
}

struct Length;

impl UnaryService<String> for Length {
    type Response = String;
    type Future = Ready<Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        ready(length(request.get_ref()).map(Response::new))
    }
}

impl NamedService for Words {
    const NAME: &'static str = "words.Words";
}

impl tonic::codegen::Service<http::Request<Body>> for Words {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(Length, request).await)
        })
    }
}

type Client = ClientService<Channel>;

#[span("agent:answer", skip(client))]
async fn answer(client: Client, word: String) -> Result<String, Status> {
    let mut grpc = tonic::client::Grpc::new(client);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<String, String>::default();
    let path = PathAndQuery::from_static("/words.Words/Length");
    Ok(grpc.unary(Request::new(word), path, codec).await?.into_inner())
}

/// Calls the axum service, which calls the tonic service. Returns the records.
async fn asked(word: &'static str) -> prefactor::testing::Trace {
    let recorder = Recorder::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = ServerLayer::new().join_callers(recorder.client());
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(Server::builder().layer(layer.clone()).add_service(Words).serve_with_incoming(incoming));

    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let client = ClientLayer::new().layer(channel);
    let app = axum::Router::new()
        .route(
            "/",
            get(move |State(client): State<Client>| async move {
                answer(client, word.to_owned()).await.unwrap_or_else(|status| status.to_string())
            }),
        )
        .layer(layer)
        .with_state(client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });

    recorder
        .run_async(async {
            let mut headers = http::HeaderMap::new();
            prefactor::Context::current().inject(&mut headers);
            let answer = reqwest::Client::new().get(&url).headers(headers).send().await.unwrap();
            answer.bytes().await.unwrap();
        })
        .await;
    recorder.trace()
}

#[tokio::test]
async fn services_that_join_their_callers_make_one_tree() {
    let trace = asked("seven").await;
    trace.assert_outline(&[
        "http:request complete",
        "  agent:answer complete",
        "    http:client complete",
        "      http:request complete",
        "        tool:length complete",
    ]);
    let call = trace.find("http:client");
    assert_eq!(call.payload["name"], "POST /words.Words/Length");
    assert_eq!(call.result["grpc_status_code"], 0);
}

#[tokio::test]
async fn status_of_grpc_is_a_failure_by_the_side_on_which_it_is_seen() {
    let trace = asked("break").await;
    trace.assert_outline(&[
        "http:request complete",
        "  agent:answer failed",
        "    http:client failed",
        "      http:request failed",
        "        tool:length failed",
    ]);
    let error = trace.find("http:client").error.as_ref().unwrap();
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("grpc 13", "the index is gone"));

    let trace = asked("").await;
    trace.assert_outline(&[
        "http:request complete",
        "  agent:answer failed",
        "    http:client failed",
        "      http:request complete",
        "        tool:length failed",
    ]);
}
