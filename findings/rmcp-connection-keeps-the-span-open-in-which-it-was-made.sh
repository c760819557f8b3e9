#!/usr/bin/env bash
# What happens: rmcp runs a connection in a span of its own, whose parent is whatever span was current when the connection was made. An
#   agent that connects to a server when it first needs a tool leaves that step's span open for as long as the connection lasts:
#   it closes, and is exported, when the connection ends. What happens on the connection later, also for other callers, is below
#   it, and not below the caller.
# The wrong guess: A span closes when the work in it has returned; the work of a call is below the span of its caller.
# Versions: rmcp 3.11.0, tracing-subscriber 0.3
# Seen:
#   the step has returned: closed []
#   a call from another span: handled below connect, closed ["call"]
#   the connection has ended: closed ["call", "connect"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
rmcp = { version = "=3.11.0", default-features = false, features = ["client", "server", "transport-io"] }
tokio = { version = "1", features = ["io-util", "macros", "rt", "time"] }
tracing = { version = "0.1", default-features = false, features = ["std"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ProgressNotificationParam};
use rmcp::service::{NotificationContext, RequestContext, RoleClient, RoleServer};
use rmcp::{ClientHandler, ErrorData, ServerHandler, ServiceExt};
use tracing::{Instrument, Subscriber, info_span, span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// The names of the program's spans that have closed.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let name = context.span(&id).unwrap().name();
        if ["connect", "call"].contains(&name) {
            self.0.lock().unwrap().push(name);
        }
    }
}

/// The span of the program's that is current, or the nearest above.
fn place() -> &'static str {
    tracing::dispatcher::get_default(|dispatch| {
        let registry = dispatch.downcast_ref::<Registry>().unwrap();
        let current = tracing::Span::current().id().and_then(|id| registry.span(&id));
        let named = current.iter().flat_map(|span| span.scope()).map(|span| span.name());
        named.filter(|name| ["connect", "call"].contains(name)).next().unwrap_or("nothing")
    })
}

struct Server;

impl ServerHandler for Server {
    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let token = context.meta.get_progress_token().unwrap();
        context.peer.notify_progress(ProgressNotificationParam::new(token, 1.0)).await.unwrap();
        Ok(CallToolResult::success(Vec::new()).into())
    }
}

#[derive(Clone, Default)]
struct Client(Arc<Mutex<Option<&'static str>>>);

impl ClientHandler for Client {
    async fn on_progress(&self, _: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        *self.0.lock().unwrap() = Some(place());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let closed = Closed::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(closed.clone())).unwrap();
    let seen = || closed.0.lock().unwrap().clone();
    let handled = Client::default();

    let (one, other) = tokio::io::duplex(4096);
    tokio::spawn(async { Server.serve(tokio::io::split(other)).await.unwrap().waiting().await });
    let client = handled.clone().serve(tokio::io::split(one)).instrument(info_span!("connect")).await.unwrap();
    let returned = seen();
    println!("the step has returned: closed {returned:?}");

    client.call_tool(CallToolRequestParams::new("tool")).instrument(info_span!("call")).await.unwrap();
    while handled.0.lock().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (below, called) = (handled.0.lock().unwrap().unwrap(), seen());
    println!("a call from another span: handled below {below}, closed {called:?}");

    client.cancel().await.unwrap();
    let ended = seen();
    println!("the connection has ended: closed {ended:?}");
    assert!(returned.is_empty());
    assert_eq!((below, called), ("connect", vec!["call"]));
    assert_eq!(ended, ["call", "connect"]);
}
RUST
cargo run --quiet
