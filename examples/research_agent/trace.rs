//! The trace as the local server has stored it, fetched back over its API.

use std::time::Duration;

use prefactor_local::Server;
use reqwest::Client;
use serde::Deserialize;

/// The server's own limit.
const PAGE_SIZE: usize = 100;
const TIMEOUT: Duration = Duration::from_secs(5);

/// A span as the API lists it; fields that are not shown are left out.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredSpan {
    pub(crate) id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) schema_name: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) payload: Arguments,
    pub(crate) result_payload: Option<Failure>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

/// The arguments of which one tells most about a step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Arguments {
    pub(crate) kind: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) question: Option<String>,
}

/// The message of a failed step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Failure {
    pub(crate) error_type: Option<String>,
    pub(crate) message: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    summaries: Vec<StoredSpan>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    next_page_offset: Option<usize>,
}

/// All spans of a run, the oldest first.
pub(crate) async fn fetch(server: &Server, instance_id: &str) -> reqwest::Result<Vec<StoredSpan>> {
    let client = Client::builder().tls_certs_only([]).no_proxy().timeout(TIMEOUT).build()?;
    let url = [server.url(), "/api/v1/agent_spans"].concat();
    let (mut spans, mut next) = (Vec::new(), Some(0));
    while let Some(offset) = next {
        let (offset, size) = (offset.to_string(), PAGE_SIZE.to_string());
        let query = [
            ("agent_instance_id", instance_id),
            ("pagination[offset]", offset.as_str()),
            ("pagination[page_size]", size.as_str()),
        ];
        let request = client.get(&url).query(&query).bearer_auth(server.token());
        let page: Page = request.send().await?.error_for_status()?.json().await?;
        spans.extend(page.summaries);
        next = page.pagination.next_page_offset;
    }
    spans.sort_by(|one, other| one.started_at.cmp(&other.started_at));
    Ok(spans)
}

impl StoredSpan {
    /// Microseconds from its start to its end.
    pub(crate) fn duration(&self) -> Option<u64> {
        elapsed(self.started_at.as_deref()?, self.finished_at.as_deref()?)
    }

    /// Microseconds from another span's start to the start of this one.
    pub(crate) fn start_after(&self, first: &Self) -> Option<u64> {
        elapsed(first.started_at.as_deref()?, self.started_at.as_deref()?)
    }
}

/// The server writes all times alike, in UTC to the microsecond: `2026-01-31T09:30:00.000000Z`. A run is shorter
/// than a day, so the time of day says it all, and midnight may pass once.
fn elapsed(from: &str, to: &str) -> Option<u64> {
    const DAY: u64 = 24 * 3_600 * 1_000_000;
    Some((time_of_day(to)? + DAY - time_of_day(from)?) % DAY)
}

fn time_of_day(text: &str) -> Option<u64> {
    let (_, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (seconds, micros) = time.split_once('.')?;
    let seconds = seconds.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(seconds * 1_000_000 + micros.parse::<u64>().ok()?)
}
