//! The stored data of a server, read page by page.

use prefactor_local::Server;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A span, with the fields of the API's description that tests read.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's")]
pub struct StoredSpan {
    pub id: String,
    pub agent_instance_id: String,
    pub parent_span_id: Option<String>,
    pub schema_name: String,
    pub status: String,
    pub payload: Value,
    pub result_payload: Option<Value>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
}

impl StoredSpan {
    /// The result payload, or null without one.
    #[must_use]
    pub fn result(&self) -> &Value {
        self.result_payload.as_ref().unwrap_or(&Value::Null)
    }
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
#[must_use]
pub fn list<T: DeserializeOwned>(server: &Server, what: &str) -> Vec<T> {
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

/// Returns the server's answer to a read of a path that begins with `/`.
#[must_use]
pub fn get<T: DeserializeOwned>(server: &Server, path: &str) -> T {
    let request = ureq::get(format!("{}{path}", server.url()))
        .header("authorization", format!("Bearer {}", server.token()));
    request.call().unwrap().body_mut().read_json().unwrap()
}
