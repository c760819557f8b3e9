//! The table of other libraries' usage in `docs/fields.md`, held to what the server reads.

use std::collections::BTreeSet;

use prefactor::api::{ApiClient, CostBreakdown, NewSpan};
use prefactor::{Client, SpanStatus};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::read;

/// A row: what it is about, and where input, cached and written tokens are.
struct Row {
    of: String,
    input: String,
    is_cached_in_input: bool,
    cached: String,
    written: Option<String>,
}

fn rows() -> Vec<Row> {
    let document = read("docs/fields.md");
    let table = document.split_once("| usage of |").unwrap().1;
    let lines = table.lines().skip(2).take_while(|line| line.starts_with("| "));
    lines
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [of, input, is_in_input, cached, written, _] = cells[..] else { panic!("{line}") };
            let name = |cell: &str| cell.strip_prefix('`')?.strip_suffix('`').map(str::to_owned);
            Row {
                of: of.to_owned(),
                input: name(input).unwrap_or_else(|| panic!("{line}")),
                is_cached_in_input: match is_in_input {
                    "yes" => true,
                    "no" => false,
                    _ => panic!("{line}"),
                },
                cached: name(cached).unwrap_or_else(|| panic!("{line}")),
                written: name(written),
            }
        })
        .collect()
}

/// Sets the member at a path whose parts have dots between them.
fn set(object: &mut Value, path: &str, number: u64) {
    let place = path.split('.').fold(object, |place, name| &mut place[name]);
    *place = number.into();
}

/// The sums of a run with one model call, which used so much.
async fn counted(api: &ApiClient, usage: &Value) -> CostBreakdown {
    let run = api.instances().register("tester").await.unwrap();
    api.instances().start(&run.id).await.unwrap();
    let call = NewSpan::new(&*run.id, "agent:llm_call").with_status(SpanStatus::Complete);
    let call = call.with_payload(&json!({ "model": "small-1" })).with_result(&json!({ "usage": usage }));
    api.spans().create(call).await.unwrap();
    api.instances().get(&run.id).await.unwrap().cost_breakdown.unwrap()
}

#[tokio::test]
async fn rows_on_the_usage_of_other_libraries_are_how_the_server_reads_them() {
    let server = Server::builder().start().unwrap();
    let api = Client::builder().api_url(server.url()).api_token(server.token()).api_client().unwrap();
    let rows = rows();
    assert!(rows.len() > 10, "{}", rows.len());
    for row in rows {
        let mut usage = json!({ "output_tokens": 7 });
        set(&mut usage, &row.input, 1_000);
        set(&mut usage, &row.cached, 600);
        let (beside, written) = (if row.is_cached_in_input { 0 } else { 600 }, row.written.as_deref());
        if let Some(written) = written {
            set(&mut usage, written, 40);
        }
        let sums = counted(&api, &usage).await;
        let read = sums.input + sums.cache_read;
        assert_eq!(sums.cache_read, 600, "{}: {usage}", row.of);
        assert_eq!(read, 1_000 + beside + written.map_or(0, |_| 40), "{}: {usage}", row.of);
    }
}

#[test]
fn each_place_of_cached_tokens_that_the_server_reads_has_a_row() {
    let code = read("prefactor-local/src/store/page_usage.rs");
    let list = code.split_once("let cached = number(&[").unwrap().1.split_once("])").unwrap().0;
    let read_there: BTreeSet<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    // The last one is the SDK's own.
    let documented = rows().into_iter().map(|row| row.cached).chain(["cached_tokens".to_owned()]).collect();
    assert_eq!(read_there, documented);
}
