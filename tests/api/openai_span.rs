//! The `Span` of the OpenAI Agents SDK, row by row, as the server sees it.

use std::time::SystemTime;

use prefactor::{Client, Pfid, SpanError, current_span, custom_span, span};
use serde_json::json;

use crate::support::Trace;

#[test]
fn ids_of_the_first_moment_lead_to_the_run_and_the_span() {
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let trace = Trace::new();
    let span = trace.instance.span("test:trace_id");
    let (trace_id, span_id) = (span.trace_id().unwrap(), span.span_id().unwrap());
    assert!(trace_id.len() == 32 && is_hexadecimal(&trace_id), "{trace_id}");
    assert!(span_id.len() == 16 && is_hexadecimal(&span_id), "{span_id}");
    assert_eq!(trace.instance.trace_id().unwrap(), trace_id);
    span.start(&json!({}));

    let stored = trace.flushed();
    assert_eq!(stored.instance["external_identifier"], json!(trace_id));
    let id: Pfid = stored.span("test:trace_id").id.parse().unwrap();
    let random = id.randomness();
    assert_eq!(format!("{:016x}", u64::from_be_bytes(random[2..].try_into().unwrap())), span_id);
    assert_eq!((span.trace_id().unwrap(), span.span_id().unwrap()), (trace_id, span_id));
    assert_eq!(span.id(), Some(id));
}

#[test]
fn id_in_the_api_is_none_until_it_is_final() {
    let client = Client::builder().api_url("http://127.0.0.1:9").api_token("token").build().unwrap();
    let run = client.register("tester");
    let span = run.span("test:early");
    assert_eq!((span.id(), run.id()), (None, None));
    assert!(span.span_id().is_some() && span.trace_id() == run.trace_id() && run.trace_id().is_some());
    let agent_id = "013xrzp12g3nqk8n0000000000000000";
    let builder = Client::builder().api_url("http://127.0.0.1:9").api_token("token").agent_id(agent_id);
    let client = builder.build().unwrap();
    assert_eq!(client.register("tester").span("test:early").id().unwrap().partition(), 123_456_789);
}

#[test]
fn parent_id_is_the_enclosing_span() {
    let trace = Trace::new();
    let outer = trace.instance.span("test:outer");
    let entered = outer.start_as_current(&json!({}));
    let inner = span("test:inner");
    let _ = trace.flushed();
    assert!(outer.id().is_some());
    assert_eq!((inner.parent_id(), outer.parent_id()), (outer.id(), None));
    drop((inner, entered, outer));
    assert_eq!(trace.finish().parent_of("test:inner"), Some("test:outer"));
}

#[test]
fn span_data_is_the_payload() {
    let stored = Trace::of(|| span("test:data").start(&json!({ "typed": ["data", 1, null] })));
    assert_eq!(stored.span("test:data").payload, json!({ "typed": ["data", 1, null] }));
}

#[test]
fn started_at_and_ended_at_are_set_by_start_and_finish() {
    let before = SystemTime::now();
    let trace = Trace::new();
    let span = trace.instance.span("test:times");
    assert_eq!((span.started_at(), span.ended_at()), (None, None));
    span.start(&json!({}));
    assert!(span.started_at().is_some() && span.ended_at().is_none());
    span.finish();
    assert!(span.started_at().unwrap() <= span.ended_at().unwrap());
    // The wall clock is read once and continued by the monotonic clock, so the two may differ a little.
    assert!(span.ended_at().unwrap() + std::time::Duration::from_secs(1) > before);
    trace.finish().assert_times_nest();
}

#[test]
fn start_marks_as_current_and_finish_resets() {
    let trace = Trace::new();
    trace.instance.in_scope(|| {
        let outer = span("test:outer");
        let entered = outer.start_as_current(&json!({}));
        assert_eq!(current_span().id(), outer.id());
        outer.finish();
        drop(entered);
        assert!(current_span().is_noop());
        span("test:sibling").start(&json!({}));
    });
    assert_eq!(trace.finish().parent_of("test:sibling"), None);
}

#[test]
fn guards_dropped_out_of_order_leave_nothing_behind() {
    let trace = Trace::new();
    trace.instance.in_scope(|| {
        let spans: Vec<_> = (0..4).map(|_| span("test:guarded")).collect();
        for order in permutations(&[0, 1, 2, 3]) {
            let mut guards: Vec<_> = spans.iter().map(|span| Some(span.enter())).collect();
            for index in order {
                guards[index] = None;
            }
            assert!(current_span().is_noop());
        }
    });
    trace.finish();
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(index);
        all.extend(permutations(&rest).into_iter().map(|tail| [vec![*first], tail].concat()));
    }
    all
}

#[test]
fn custom_span_has_a_name_and_data() {
    let stored = Trace::of(|| {
        let span = custom_span("database_query", &json!({ "operation": "SELECT" }));
        span.set_output(&json!({ "count": 12 }));
    });
    let span = stored.span("custom");
    assert_eq!(span.payload, json!({ "name": "database_query", "data": { "operation": "SELECT" } }));
    assert_eq!((span.result(), span.status.as_str()), (&json!({ "count": 12 }), "complete"));
}

#[test]
fn set_output_replaces_the_result() {
    let stored = Trace::of(|| {
        let span = span("test:output");
        span.set_result(&json!({ "kept": false }));
        span.set_output(&"text");
    });
    assert_eq!(stored.span("test:output").result(), &json!({ "result": "text" }));
}

#[test]
fn set_error_is_kept_and_fails_the_span() {
    let stored = Trace::of(|| {
        let span = span("test:error");
        span.start(&json!({}));
        span.set_error("first");
        let data = json!({ "operation": "risky" });
        span.set_error(SpanError::new("no answer").with_type("Timeout").with_data(&data));
        let error = span.error().unwrap();
        assert_eq!((error.error_type(), error.message()), ("Timeout", "no answer"));
    });
    let span = stored.span("test:error");
    let expected =
        json!({ "error_type": "Timeout", "message": "no answer", "data": { "operation": "risky" } });
    assert_eq!((span.status.as_str(), span.result()), ("failed", &expected));
}

#[test]
fn spans_nest_under_the_current_trace() {
    let (one, two) = (Trace::new(), Trace::new());
    one.instance.in_scope(|| {
        let outer = span("test:one");
        let _entered = outer.start_as_current(&json!({}));
        two.instance.in_scope(|| span("test:two").start(&json!({})));
        span("test:one_child").start(&json!({}));
    });
    let (one, two) = (one.finish(), two.finish());
    assert_eq!(two.parent_of("test:two"), None);
    assert_eq!(one.parent_of("test:one_child"), Some("test:one"));
    assert_eq!((one.spans.len(), two.spans.len()), (2, 1));
}

#[test]
fn spans_are_no_ops_when_disabled() {
    let client = Client::builder().disabled(true).build().unwrap();
    let instance = client.register("tester");
    let span = instance.span("test:noop");
    assert!(span.is_noop() && !client.is_enabled());
    span.start(&json!({}));
    span.set_output(&1);
    span.set_error("nobody hears");
    span.complete(&json!({}));
    let nothing =
        (span.id(), span.trace_id(), span.parent_id(), span.started_at(), span.ended_at(), span.status());
    assert_eq!(nothing, (None, None, None, None, None, None));
    assert!(span.error().is_none());
    assert_eq!(client.stats().created, 0);
}

#[test]
fn spans_are_no_ops_when_nothing_is_installed() {
    let span = span("test:noop");
    assert!(span.is_noop() && current_span().is_noop());
    span.complete(&json!({}));
}
