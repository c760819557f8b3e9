//! Calls about a run beside its spans, and runs that are found again.

use prefactor::{Client, InstanceStatus, Registration, Severity, span};
use serde_json::{Value, json};

use crate::support::{Recorder, TIMEOUT, Trace};

/// The bodies of the calls of a path, in order.
fn bodies(recorder: &Recorder, end: &str) -> Vec<Value> {
    let requests = recorder.requests();
    let calls = requests.iter().filter(|request| request.path.ends_with(end));
    calls.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

#[test]
fn quality_is_recorded_and_taken_back_also_after_the_end() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let run = client.register("tester");
    run.record_quality("rating", Some(&json!({ "stars": 4 })));
    run.finish(InstanceStatus::Complete);
    assert!(client.flush(TIMEOUT).is_complete);
    run.record_quality::<()>("rating", None);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let bodies = bodies(&recorder, "/record_quality");
    let told: Vec<_> = bodies.iter().map(|body| json!([body["name"], body["payload"]])).collect();
    assert_eq!(told, [json!(["rating", { "stars": 4 }]), json!(["rating", null])]);
    assert!(bodies[1].as_object().unwrap().contains_key("payload"), "the key is always sent");
    let paths: Vec<_> = recorder.requests().iter().map(|request| request.path.clone()).collect();
    let place = |end: &str| paths.iter().position(|path| path.ends_with(end)).unwrap();
    assert!(place("/record_quality") < place("/finish"), "{paths:?}");
}

#[test]
fn alerts_are_raised_and_cleared() {
    let trace = Trace::new();
    trace.instance.raise_alert(
        "budget",
        Severity::Warning,
        &json!({ "spent_usd": 4.2, "api_key": "hunter2-hunter2" }),
    );
    let _ = trace.flushed();
    let alerts = |trace: &Trace| -> Vec<Value> { prefactor_tests::stored::list(&trace.server, "alerts") };
    let raised = alerts(&trace);
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(
        (&raised[0]["name"], &raised[0]["severity"], &raised[0]["status"]),
        (&json!("budget"), &json!("warning"), &json!("raised"))
    );
    assert_eq!(raised[0]["payload"], json!({ "spent_usd": 4.2, "api_key": "[REDACTED]" }));
    trace.instance.clear_alert("budget");
    let _ = trace.flushed();
    assert_eq!(alerts(&trace)[0]["status"], "cleared");
    trace.finish();
}

#[tokio::test]
async fn terminate_ends_the_run_from_within() {
    let trace = Trace::new();
    let terminated = trace.instance.run_value(async {
        span("test:work").complete(&());
        trace.instance.terminate("spent too much");
        loop {
            span("test:more").complete(&());
            tokio::task::yield_now().await;
            if trace.instance.termination().is_some() {
                std::future::pending::<()>().await;
            }
        }
    });
    assert_eq!(terminated.await.unwrap_err().reason.as_deref(), Some("spent too much"));
    assert!(trace.client.shutdown_async(TIMEOUT).await.is_complete);
}

#[tokio::test]
async fn run_that_is_not_terminable_goes_on() {
    let trace = Trace::new();
    let run = trace.client.register(Registration::new("tester").terminable(false));
    let output = run.run_value(async {
        span("test:work").complete(&());
        run.terminate("spent too much");
        assert!(trace.client.flush_async(TIMEOUT).await.is_complete);
        span("test:more").complete(&());
        assert!(trace.client.flush_async(TIMEOUT).await.is_complete);
        7
    });
    assert_eq!(output.await.unwrap(), 7);
    assert_eq!(run.termination(), None);
}

#[test]
fn client_says_whether_runs_are_terminable() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).terminable(false).build().unwrap();
    let run = client.register("tester");
    run.terminate("why not");
    assert!(client.flush(TIMEOUT).is_complete);
    assert_eq!(
        (bodies(&recorder, "/terminate")[0]["reason"].as_str(), run.termination()),
        (Some("why not"), None)
    );
}

#[test]
fn run_is_found_again_by_its_external_identifier() {
    let trace = Trace::new();
    let run = trace.client.register(Registration::new("tester").with_external_identifier("order 17/ü"));
    run.start();
    let _ = trace.flushed();
    let other =
        Client::builder().api_url(trace.server.url()).api_token(trace.server.token()).build().unwrap();
    let found = other.attach_external("order 17/ü");
    found.in_scope(|| span("test:elsewhere").complete(&()));
    let report = other.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 1, "{report}");
    assert_eq!((found.id(), report.stats.runs.created), (run.id(), 0));
    let stored = trace.stored_of(&run);
    assert_eq!((stored.spans.len(), stored.instance["status"].as_str()), (1, Some("active")));
}

#[test]
fn run_that_is_not_found_drops_its_spans_and_counts_them() {
    let trace = Trace::new();
    let found = trace.client.attach_external("nobody");
    found.in_scope(|| span("test:elsewhere").complete(&()));
    let report = trace.client.shutdown(std::time::Duration::from_secs(2));
    let dropped: u64 = prefactor::DropReason::ALL.iter().map(|reason| report.stats.dropped(*reason)).sum();
    assert_eq!((dropped, report.stats.outstanding, report.stats.runs.created), (1, 0, 1), "{report}");
}
