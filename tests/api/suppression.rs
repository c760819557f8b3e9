//! Code that is called to capture or redact a value makes no spans.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use prefactor::{AgentInstance, Client, span};
use prefactor_local::Server;
use serde::{Serialize, Serializer};

use crate::support::{Stored, Trace};

#[span("test:inner")]
fn annotated() {}

/// Makes a span in each possible way.
fn make_spans(run: &AgentInstance) {
    span("test:inner").complete(&());
    run.span("test:inner").complete(&());
    run.in_scope(|| span("test:inner").complete(&()));
    run.context().in_scope(annotated);
    annotated();
    let entered = run.context().enter();
    span("test:inner").complete(&());
    annotated();
    drop(entered);
    let parent = run.span("test:inner");
    let entered = parent.enter();
    run.span("test:inner").complete(&());
    drop(entered);
    prefactor::Context::current().in_scope(|| span("test:inner").complete(&()));
}

/// A value whose every trait makes spans.
#[derive(Clone)]
struct Tracing(AgentInstance);

impl Serialize for Tracing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        make_spans(&self.0);
        serializer.serialize_str("serialized")
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        make_spans(&self.0);
        formatter.write_str("debugged")
    }
}

impl fmt::Display for Tracing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        make_spans(&self.0);
        formatter.write_str("displayed")
    }
}

impl Error for Tracing {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        make_spans(&self.0);
        None
    }
}

#[span("test:outer")]
fn serialize(value: &Tracing) {
    let _ = value;
}

#[span("test:outer", debug(value))]
fn debug(value: &Tracing) {
    let _ = value;
}

#[span("test:outer", display(value))]
fn display(value: &Tracing) {
    let _ = value;
}

#[span("test:outer", skip_all, fields(computed = { make_spans(&value.0); 1 }))]
fn compute(value: &Tracing) {
    let _ = value;
}

#[span("test:outer", skip_all)]
fn result(value: &Tracing) -> Tracing {
    value.clone()
}

#[span("test:outer", skip_all)]
fn error(value: &Tracing) -> Result<(), Tracing> {
    Err(value.clone())
}

fn assert_only_outer(place: &str, stored: &Stored) {
    let names: Vec<_> = stored.spans.iter().map(|span| span.schema_name.as_str()).collect();
    assert_eq!(names, ["test:outer"], "{place}");
}

#[test]
fn captured_values_make_no_spans() {
    let calls: [(&str, fn(&Tracing)); 8] = [
        ("Serialize of an argument", serialize),
        ("Debug of an argument", debug),
        ("Display of an argument", display),
        ("an expression of the attribute", compute),
        ("Serialize of a result", |value| drop(result(value))),
        ("Display and source of an error", |value| drop(error(value))),
        ("Serialize of a payload", |value| {
            let span = value.0.span("test:outer").with_default_payload(value);
            span.set_result(value);
            span.complete(value);
        }),
        ("Serialize of a custom span", |value| value.0.span("test:outer").start(value)),
    ];
    for (place, call) in calls {
        let trace = Trace::new();
        let value = Tracing(trace.instance.clone());
        trace.instance.in_scope(|| call(&value));
        drop(value);
        assert_only_outer(place, &trace.finish());
    }
}

#[test]
fn redaction_rule_makes_no_spans() {
    let server = Server::start().unwrap();
    let run: Arc<OnceLock<AgentInstance>> = Arc::default();
    let seen = Arc::clone(&run);
    let client = Client::builder().api_url(server.url()).api_token(server.token()).redact(move |_, _| {
        make_spans(seen.get()?);
        None
    });
    let client = client.build().unwrap();
    let instance = client.register("tester");
    run.set(instance.clone()).unwrap();
    instance.in_scope(|| serialize_text("a text"));
    assert_only_outer("a redaction rule", &Trace { server, client, instance }.finish());
}

#[span("test:outer")]
fn serialize_text(text: &str) {
    let _ = text;
}

#[test]
fn spans_are_made_again_after_a_capture() {
    let stored = Trace::of(|| {
        let value = Tracing(Client::builder().disabled(true).build().unwrap().register("none"));
        serialize(&value);
        annotated();
    });
    assert_eq!(stored.spans.len(), 2);
}
