//! What a server has stored, page by page.

use prefactor_local::Server;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StoredSpan {
    pub(crate) id: String,
    pub(crate) agent_instance_id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) schema_name: String,
    pub(crate) status: String,
    pub(crate) payload: Value,
    pub(crate) result_payload: Option<Value>,
    pub(crate) started_at: Option<String>,
    pub(crate) finished_at: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    summaries: Vec<T>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    next_page_offset: Option<u64>,
}

/// All rows of a list, such as `agent_spans?agent_instance_id=…`.
pub(crate) fn list<T: DeserializeOwned>(server: &Server, what: &str) -> Vec<T> {
    let (mut rows, mut offset) = (Vec::new(), Some(0));
    let separator = if what.contains('?') { '&' } else { '?' };
    while let Some(from) = offset {
        let page = format!("pagination[page_size]=100&pagination[offset]={from}");
        let page: Page<T> = get(server, &format!("/api/v1/{what}{separator}{page}"));
        rows.extend(page.summaries);
        offset = page.pagination.next_page_offset;
    }
    rows
}

pub(crate) fn get<T: DeserializeOwned>(server: &Server, path: &str) -> T {
    let request = ureq::get(format!("{}{path}", server.url()))
        .header("authorization", format!("Bearer {}", server.token()));
    request.call().unwrap().body_mut().read_json().unwrap()
}
