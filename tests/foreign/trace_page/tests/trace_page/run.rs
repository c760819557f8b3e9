//! A run whose agent, arguments, results, errors and schemas all carry an attack on the program that shows them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use prefactor::{Client, InstanceStatus, span};
use prefactor_local::Server;
use serde::Serialize;

const TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) const AGENT: &str = r#"researcher <img src=x onerror="window.__xss=1"> & 'co'"#;
pub(crate) const HOSTILE: &str = "</script><script>window.__xss = 1</script><img src=x onerror=window.__xss=1>\
    <svg onload=window.__xss=1><a href='javascript:window.__xss=1'>";
const IMAGE: &str = r#"<img src=x onerror="window.__xss=1">"#;
const NAMED: &str = "agent:<script>window.__xss = 1</script>";

/// The expected view of one span.
pub(crate) struct Expected {
    pub(crate) schema_name: &'static str,
    pub(crate) depth: u32,
    pub(crate) status: &'static str,
    /// In the panel, literally.
    pub(crate) shown: &'static [&'static str],
}

/// In the order of the rows.
pub(crate) const SPANS: [Expected; 5] = [
    Expected {
        schema_name: "agent:answer",
        depth: 0,
        status: "complete",
        shown: &["Payload", HOSTILE, "Result", "\"summary\": \"<script>window.__xss = 1</script>\""],
    },
    Expected {
        schema_name: "agent:search",
        depth: 1,
        status: "complete",
        shown: &["\"limit\": 3", "\"hits\": 2"],
    },
    Expected {
        schema_name: "agent:rank",
        depth: 2,
        status: "complete",
        shown: &[HOSTILE, r#"<img src=x onerror=\"window.__xss=1\">": "kept""#],
    },
    Expected {
        schema_name: "agent:fetch",
        depth: 1,
        status: "failed",
        shown: &[
            "Error",
            "Blocked",
            "\"address\": \"javascript:window.__xss=1\"",
            "refused <script>window.__xss = 1",
        ],
    },
    Expected { schema_name: NAMED, depth: 1, status: "complete", shown: &[] },
];

#[derive(Serialize)]
struct Answer {
    hits: usize,
    summary: &'static str,
}

#[derive(Debug)]
struct Blocked;

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused <script>window.__xss = 1</script> {IMAGE} {}", "wide".repeat(80))
    }
}

impl std::error::Error for Blocked {}

#[span("agent:answer")]
async fn answer(question: &str) -> Answer {
    let found = search(question, 3).await;
    let fetched = fetch("javascript:window.__xss=1").await;
    let summary = named(fetched.is_err()).await;
    Answer { hits: found.hits, summary }
}

#[span("agent:search")]
async fn search(question: &str, limit: usize) -> Answer {
    let notes = BTreeMap::from([(IMAGE, "kept"), (HOSTILE, question)]);
    Answer { hits: rank(&notes).await.min(limit), summary: "ranked" }
}

#[span("agent:rank")]
async fn rank(notes: &BTreeMap<&str, &str>) -> usize {
    notes.len()
}

#[span("agent:fetch")]
async fn fetch(address: &str) -> Result<String, Blocked> {
    if address.starts_with("https:") { Ok(address.to_owned()) } else { Err(Blocked) }
}

#[span("agent:<script>window.__xss = 1</script>")]
async fn named(has_failed: bool) -> &'static str {
    if has_failed { "<script>window.__xss = 1</script>" } else { "" }
}

/// Runs the agent, delivers the run, and returns its id.
pub(crate) fn record(server: &Server) -> String {
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register(AGENT);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = runtime.block_on(instance.scope(answer(HOSTILE)));
    assert_eq!(answered.hits, 2);
    instance.finish(InstanceStatus::Complete);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    instance.id().unwrap()
}
