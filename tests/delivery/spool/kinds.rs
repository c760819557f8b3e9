//! Each kind of operation of a run and its spans is delivered from disk in the same form as by the process that
//! recorded it.

use std::time::{Duration, UNIX_EPOCH};

use prefactor::schema::{SchemaRegistry, SpanType};
use prefactor::{AgentInstance, Client, Registration, Sensitive, Severity, SpanStatus, Stats, Usage};
use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Kind, Oracle, Rule};
use prefactor_tests::invariants::assert_conserved;
use prefactor_tests::stored::{StoredSpan, get, list};
use serde::Serialize;
use serde_json::{Value, json};

use crate::child::{
    TIMEOUT, builder, client, files, leave, server, shut_down, wait_for_finished, wait_until,
};

#[derive(Serialize)]
struct Customer {
    name: Sensitive<&'static str>,
}

const CUSTOMER: Customer = Customer { name: Sensitive("Ada") };
/// A date of the program's, long before the run.
const PAST: Duration = Duration::from_micros(1_700_000_000_123_456);

/// A run that is registered and started.
pub(crate) fn begin(client: &Client) -> AgentInstance {
    let run = client.register(Registration::new("spooler").with_session_id("s-1").with_tag("night"));
    run.start();
    wait_until("the run to be registered", || run.id().is_some());
    run
}

/// Records one operation of each kind.
pub(crate) fn say_everything(client: &Client, run: &AgentInstance) {
    let past = run.span("test:past");
    past.start_at(&json!({ "a": 1 }), UNIX_EPOCH + PAST);
    past.complete_at(&json!({ "b": 2 }), UNIX_EPOCH + PAST + Duration::from_secs(90));
    run.span("test:cancelled").cancel();
    run.span("test:sensitive").with_default_payload(&CUSTOMER).complete(&CUSTOMER);
    let call = run.span("test:call");
    call.start(&json!({ "text": "a" }));
    call.set_usage(&Usage::new().with_model("some-model").with_input_tokens(7));
    call.complete(&json!({ "text": "b" }));
    assert!(run.create_span("human:approval", &json!({ "amount": 120 })).is_some());
    let comment = run.create_span("human:comment", &json!({})).unwrap();
    run.finish_span(&comment, SpanStatus::Failed, &json!({ "why": "late" }));
    run.record_quality("rating", Some(&json!({ "stars": 4 })));
    run.record_quality::<()>("mood", None);
    run.raise_alert("budget", Severity::Warning, &json!({ "spent_usd": 4.2, "api_key": "hunter2-hunter2" }));
    let stopped = client.register("spooler");
    stopped.start();
    stopped.terminate("spent too much");
}

fn spooled(server: &Server, spool: &std::path::Path) -> Client {
    let mut schemas = SchemaRegistry::new();
    schemas.add(SpanType::new("test:call").title("Model call")).unwrap();
    builder(server.url(), server.token(), spool).schemas(schemas).build().unwrap()
}

/// Checks that the server has all of it.
fn assert_everything(oracle: &Oracle, server: &Server, run: &str) {
    let ledger = oracle.ledger();
    let tally = ledger.check().unwrap();
    assert_eq!((tally.spans, tally.finished, tally.instances), (6, 5, 2));
    let spans: Vec<StoredSpan> = list(server, &format!("agent_spans?agent_instance_id={run}"));
    let span = |name: &str| spans.iter().find(|span| span.schema_name == name).unwrap();
    let status = |name: &str| span(name).status.as_str();
    let past = span("test:past");
    assert_eq!(past.started_at.as_deref(), Some("2023-11-14T22:13:20.123456Z"));
    assert_eq!(past.finished_at.as_deref(), Some("2023-11-14T22:14:50.123456Z"));
    assert_eq!(past.payload["metadata"], json!({ "session_id": "s-1", "tags": ["night"] }));
    assert_eq!(
        ["test:cancelled", "human:approval", "human:comment", "test:call"].map(status),
        ["cancelled", "active", "failed", "complete"]
    );
    assert_eq!(span("human:comment").result(), &json!({ "why": "late" }));
    assert_eq!(span("test:call").result()["token_usage"]["prompt_tokens"], 7);
    assert_eq!(span("test:call").payload["token_usage"]["prompt_tokens"], 7, "start and finish are one");
    let id = &span("test:sensitive").id;
    let whole: Value = get(server, &format!("/api/v1/agent_spans/{id}?redacted=false"));
    assert_eq!(whole["details"]["sensitive_encoding"], true);
    assert_eq!(whole["details"]["payload"]["name"], json!({ "$sensitive": "string", "value": "Ada" }));
    let alerts: Vec<Value> = list(server, "alerts");
    assert_eq!(
        (&alerts[0]["severity"], &alerts[0]["payload"]),
        (&json!("warning"), &json!({ "spent_usd": 4.2, "api_key": "[REDACTED]" }))
    );
    let effects = |text: &str| {
        let items = ledger.items().filter(|item| item.kind == Kind::Other && item.text.contains(text));
        let keys: Vec<_> = items.map(|item| item.key.clone().unwrap()).collect();
        assert!(!keys.is_empty() && keys.iter().all(|key| *key == keys[0]), "{text}: {keys:?}");
    };
    ["rating", "mood", "budget", "spent too much"].into_iter().for_each(effects);
    let registered = ledger.items().find(|item| item.kind == Kind::Register).unwrap();
    assert!(registered.text.contains("Model call"), "{}", registered.text);
}

/// The fate of calls of some paths, and its effect: the client ends, and another delivers what it left.
struct Leaving {
    /// The fault of the other calls until all is said.
    first_fault: fn() -> Fault,
    meets_first: fn(&str) -> bool,
    fault: fn() -> Fault,
    meets: fn(&str) -> bool,
    is_left: fn(&Client, &Oracle) -> bool,
    /// The spans that it leaves.
    spans: u64,
}

fn leave_and_deliver(leaving: &Leaving) -> usize {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let first = spooled(&server, spool.path());
    let Leaving { first_fault, meets_first, fault, meets, is_left, spans } = *leaving;
    oracle.inject(Rule::new(first_fault()).when(move |request| meets_first(&request.path)));
    let run = begin(&first);
    say_everything(&first, &run);
    let report = first.flush(TIMEOUT);
    assert!(report.is_complete, "all of it is on disk: {report}");
    assert_eq!((report.stats.created, report.stats.spooled, report.stats.unspooled), (7, 7, 0), "{report}");
    oracle.heal();
    oracle.inject(Rule::new(fault()).when(move |request| meets(&request.path)));
    wait_until("the calls to be made", || is_left(&first, &oracle));
    let id = run.id().unwrap();
    leave(&first);
    drop((run, first));
    oracle.heal();

    let next = client(&server, spool.path());
    wait_for_finished(&oracle, 1);
    wait_until("the journal to be deleted", || files(spool.path()).is_empty());
    let stats = next.stats();
    assert_eq!((stats.adopted, stats.acknowledged, stats.outstanding), (spans, spans, 0), "{stats:?}");
    assert_everything(&oracle, &server, &id);
    assert_settled(&shut_down(&next));
    oracle.ledger().check().unwrap().resent
}

/// Checks that nothing is open and nothing unknown. A span that is left open counts as acknowledged.
fn assert_settled(stats: &Stats) {
    assert_conserved(stats);
    assert_eq!((stats.acknowledged, stats.runs.finished), (stats.created, stats.runs.created), "{stats:?}");
    assert_eq!((stats.run_calls.unknown, stats.run_calls.outstanding), (0, 0), "{stats:?}");
}

fn is_not_of_runs(path: &str) -> bool {
    !path.ends_with("/register") && !path.ends_with("/start")
}

fn is_start(path: &str) -> bool {
    path.ends_with("/start")
}

fn is_alert(path: &str) -> bool {
    path == "/alerts/raise"
}

fn away() -> Fault {
    Fault::status(503)
}

#[test]
fn everything_that_was_not_sent_is_delivered_by_the_next_client() {
    leave_and_deliver(&Leaving {
        first_fault: away,
        meets_first: is_not_of_runs,
        fault: away,
        meets: is_not_of_runs,
        is_left: |_, _| true,
        spans: 7,
    });
}

/// A fault that applies a request and never answers it.
fn hanging() -> Fault {
    Fault::answered_after(Duration::from_secs(3_600))
}

#[test]
fn spans_that_were_sent_without_an_answer_are_sent_again_in_the_same_words() {
    let resent = leave_and_deliver(&Leaving {
        first_fault: away,
        meets_first: is_start,
        fault: hanging,
        meets: |path| path == "/bulk" || path.starts_with("/agent_spans"),
        is_left: |_, oracle| oracle.ledger().count(Kind::CreateSpan) > 0,
        spans: 7,
    });
    assert!(resent > 0);
}

#[test]
fn alert_that_was_sent_without_an_answer_is_sent_again_in_the_same_words() {
    let resent = leave_and_deliver(&Leaving {
        first_fault: hanging,
        meets_first: is_alert,
        fault: hanging,
        meets: is_alert,
        is_left: |client, oracle| {
            client.stats().acknowledged == 7
                && oracle.ledger().items().any(|item| item.text.contains("budget"))
        },
        spans: 0,
    });
    assert!(resent > 0);
}

#[test]
fn everything_is_as_without_a_spool() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let client = spooled(&server, spool.path());
    let run = begin(&client);
    say_everything(&client, &run);
    let id = run.id().unwrap();
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    assert_settled(&report.stats);
    assert_everything(&oracle, &server, &id);
}
