//! The middleware in front of the routes: it reads each request, applies the fault that the script has for it, and writes
//! the ledger.

use std::{collections::HashMap, net::SocketAddr, time::Instant};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::State,
    http::{
        HeaderValue, Response as HttpResponse, StatusCode,
        header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER},
        request::Parts,
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::time::sleep;

use super::{
    connection::{Ending, Interception},
    fault::{Answer, Fault},
    handle::Oracle,
    item::{self, Item, Kind},
    request::Request,
    rule::Rejected,
};
use crate::{reply::Reply, routes::body};

const PREFIX: &str = "/api/v1";

/// The state of the middleware.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    pub(crate) oracle: Oracle,
    pub(crate) address: SocketAddr,
}

/// The parts of an action's answer that the ledger needs.
#[derive(Deserialize)]
struct Output {
    status: String,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Outputs {
    outputs: HashMap<String, Output>,
}

/// Puts the middleware in front of the routes.
pub(crate) fn observed(router: Router, observer: Observer) -> Router {
    router.layer(from_fn_with_state(observer, observe))
}

async fn observe(
    State(observer): State<Observer>,
    Extension(interception): Extension<Interception>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix(PREFIX).map(str::to_owned) else {
        return next.run(axum::extract::Request::from_parts(parts, body)).await;
    };
    let text = match body::read(body).await {
        Ok(text) => text,
        Err(error) => return error.into_response(),
    };
    come_from_here(&mut parts, observer.address);
    let oracle = observer.oracle;
    // A task of its own completes the action even when the client closes the connection.
    let answer = tokio::spawn(async move {
        let request = arrival(&parts, path, &text);
        let fault = oracle.fault_for(&request);
        let number = oracle.write(|ledger| ledger.arrival(request.clone()));
        let request = Request { number, ..request };
        sleep(fault.before).await;
        let answer = if fault.is_applied {
            apply(&oracle, &request, &fault, parts, text, next).await
        } else {
            StatusCode::OK.into_response()
        };
        sleep(fault.after).await;
        if let Some(gate) = fault.gate.as_ref().filter(|_| oracle.write(|ledger| ledger.has_told(number))) {
            gate.opened().await;
        }
        let answer = disturb(&fault, answer).await;
        if matches!(fault.ending, None | Some(Ending::Cut(_) | Ending::CloseAfter)) {
            oracle.write(|ledger| ledger.answered(number, answer.status().as_u16()));
        }
        if let Some(ending) = fault.ending {
            interception.end_by(ending);
        }
        answer
    });
    answer.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Names the server in `Host` where the client has named a proxy: one on another port of this machine.
fn come_from_here(parts: &mut Parts, address: SocketAddr) {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| host.starts_with("127.0.0.1:"))
        && let Ok(host) = HeaderValue::from_str(&address.to_string())
    {
        parts.headers.insert(HOST, host);
    }
}

fn arrival(parts: &Parts, path: String, body: &str) -> Request {
    let mut headers = parts.headers.clone();
    if let Some(token) = headers.get_mut(AUTHORIZATION) {
        token.set_sensitive(true);
    }
    let method = parts.method.to_string();
    let items = if method == "POST" { Item::all(&path, body) } else { Vec::new() };
    let (number, bytes) = (0, body.len());
    let (answered, followed_by, told_to_stop) = (None, None, false);
    let arrived = Instant::now();
    Request { number, arrived, method, path, bytes, items, answered, followed_by, told_to_stop, headers }
}

/// Applies a request up to its first rejected item, and enters the accepted ones into the ledger.
async fn apply(
    oracle: &Oracle,
    request: &Request,
    fault: &Fault,
    parts: Parts,
    mut body: String,
    next: Next,
) -> Response {
    let rejection = oracle.rejection_for(request);
    let is_bulk = request.path == "/bulk";
    match &rejection {
        Some((_, rejected)) if !is_bulk => return rejected.response().into_response(),
        Some((place, _)) => body = bulk(item::items(&body).unwrap_or_default().iter().take(*place)),
        None => {}
    }
    if fault.has_server_made_ids {
        body = without_ids(&body);
    }
    let (status, mut text, answer) = if rejection.as_ref().is_some_and(|(place, _)| *place == 0) {
        (StatusCode::OK, r#"{"status":"success","outputs":{}}"#.to_owned(), None)
    } else {
        let (head, text) = run(parts, body, next).await;
        // Recorded texts cannot match, because their quotes are escaped.
        if [r#""control":{"terminate":true"#, r#""status":"terminated""#]
            .iter()
            .any(|sign| text.contains(sign))
        {
            oracle.write(|ledger| ledger.told_to_stop(request.number));
        }
        (head.status(), text, Some(head))
    };
    if status.is_success() {
        enter(oracle, request, &text);
    }
    if let Some((place, rejected)) = rejection {
        if rejected.fails_the_request() {
            return rejected.response().into_response();
        }
        text = with_rejected(&text, &request.items[place], &rejected);
    }
    let Some(head) = answer else { return Reply(text).into_response() };
    let mut response = head.map(|()| Body::from(text));
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}

async fn run(mut parts: Parts, body: String, next: Next) -> (HttpResponse<()>, String) {
    parts.headers.remove(CONTENT_LENGTH);
    let response = next.run(axum::extract::Request::from_parts(parts, Body::from(body))).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (HttpResponse::from_parts(head, ()), String::from_utf8_lossy(&bytes).into_owned())
}

fn bulk<'a>(items: impl Iterator<Item = &'a &'a str>) -> String {
    let items: Vec<_> = items.copied().collect();
    format!(r#"{{"items":[{}]}}"#, items.join(","))
}

/// Returns the body without the identifiers of spans to create.
fn without_ids(body: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(body) else { return body.to_owned() };
    let forget = |action: &mut serde_json::Value| {
        if let Some(details) = action.get_mut("details").and_then(serde_json::Value::as_object_mut) {
            details.remove("id");
        }
    };
    match value.get_mut("items").and_then(serde_json::Value::as_array_mut) {
        Some(items) => items.iter_mut().for_each(forget),
        None => forget(&mut value),
    }
    value.to_string()
}

fn enter(oracle: &Oracle, request: &Request, answer: &str) {
    let id = |output: Output| output.details.and_then(|details| details.id);
    if request.path != "/bulk" {
        let Some(item) = request.items.first().filter(|item| item.kind != Kind::Other) else { return };
        let Ok(output) = serde_json::from_str(answer) else { return };
        oracle.write(|ledger| ledger.accepted(request.number, item, id(output)));
        return;
    }
    let Ok(mut answer) = serde_json::from_str::<Outputs>(answer) else { return };
    oracle.write(|ledger| {
        for item in &request.items {
            let output = item.key.as_ref().and_then(|key| answer.outputs.remove(key));
            if let Some(output) = output.filter(|output| output.status == "success") {
                ledger.accepted(request.number, item, id(output));
            }
        }
    });
}

/// Returns a bulk answer with the rejection of an item at its end.
fn with_rejected(text: &str, item: &Item, rejected: &Rejected) -> String {
    let before = text.strip_suffix("}}").unwrap_or(text);
    let comma = if before.ends_with('{') { "" } else { "," };
    let key = serde_json::Value::from(item.key.clone());
    format!("{before}{comma}{key}:{}}}}}", rejected.response().to_json())
}

/// Returns the answer that the client gets.
async fn disturb(fault: &Fault, answer: Response) -> Response {
    match &fault.answer {
        Answer::True => answer,
        Answer::Changed(change) => {
            let (mut head, body) = answer.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
            head.headers.remove(CONTENT_LENGTH);
            Response::from_parts(head, Body::from(change(&String::from_utf8_lossy(&bytes))))
        }
        Answer::Scripted { status, kind, body, retry_after } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, [(CONTENT_TYPE, *kind)], body.clone()).into_response();
            if let Some(after) = retry_after.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
                response.headers_mut().insert(RETRY_AFTER, after);
            }
            response
        }
    }
}
