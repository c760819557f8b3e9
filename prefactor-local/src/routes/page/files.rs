//! The static files of the page. Scripts are modules without a build step.

use std::sync::Arc;

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    routing::{MethodRouter, get},
};

use crate::app::App;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const DOCUMENT: &str = include_str!("../../page/index.html");
const ICON: &str = include_str!("../../page/icon.svg");

macro_rules! files {
    ($kind:ident: $($name:literal)*) => {
        [$((concat!("/page/", $name), $kind, include_str!(concat!("../../page/", $name)))),*]
    };
}

const STYLES: [(&str, &str, &str); 4] = files!(CSS: "base.css" "run.css" "runs.css" "span.css");
const SCRIPTS: [(&str, &str, &str); 42] = files!(SCRIPT:
    "address.js" "axis.js" "chat.js" "chat_view.js" "compare.js" "critical.js" "diff.js" "dom.js"
    "events.js" "figures.js" "filters.js" "json_tree.js" "json_view.js" "keys.js" "kinds.js" "main.js"
    "numbers.js" "pretty.js" "prices.js" "run.js" "run_bar.js" "run_head.js" "run_row.js" "runs.js"
    "schema.js" "sensitive.js" "server.js" "session.js" "span_body.js" "span_error.js" "span_panel.js"
    "span_row.js" "spans.js" "terminate.js" "text.js" "theme.js" "time.js" "trace_list.js"
    "trace_source.js" "usage.js" "virtual.js" "welcome.js"
);

/// The paths of one document. Its script chooses by the address what to show.
const DOCUMENTS: [&str; 3] = ["/", "/runs/{id}", "/compare"];

pub(super) fn router() -> Router<Arc<App>> {
    let pages =
        DOCUMENTS.into_iter().fold(Router::new(), |pages, path| pages.route(path, file(HTML, DOCUMENT)));
    let pages = pages.route("/page/icon.svg", file("image/svg+xml", ICON));
    let files = STYLES.into_iter().chain(SCRIPTS);
    files.fold(pages, |pages, (path, kind, text)| pages.route(path, file(kind, text)))
}

fn file(content_type: &'static str, text: &'static str) -> MethodRouter<Arc<App>> {
    get(async move || ([(CONTENT_TYPE, content_type)], text))
}
