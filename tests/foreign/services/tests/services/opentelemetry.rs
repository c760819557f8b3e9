//! Headers to and from OpenTelemetry for Rust, of two versions. The older one refuses the flags `03`, which Python sends.

use std::collections::HashMap;

use prefactor::Context;
use prefactor::propagation::RemoteContext;
use prefactor::testing::Recorder;

type Headers = HashMap<String, String>;

/// A header of Python's OpenTelemetry.
const PYTHON: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";

fn headers(parent: &str) -> Headers {
    HashMap::from([("traceparent".to_owned(), parent.to_owned())])
}

/// Returns the headers that are sent from within a span, with the ids of run and span.
fn sent(recorder: &Recorder) -> (Headers, String, String) {
    recorder.run(|| {
        let span = prefactor::span("agent:step");
        let mut headers = Headers::new();
        span.context().inject(&mut headers);
        (headers, span.trace_id().unwrap(), span.span_id().unwrap())
    })
}

macro_rules! version {
    ($name:ident, $api:ident, $sdk:ident, reads_python: $reads_python:literal) => {
        mod $name {
            use $api::propagation::TextMapPropagator as _;
            use $api::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
            use $sdk::propagation::TraceContextPropagator;
            use $sdk::trace::SdkTracerProvider;

            use super::*;

            /// Continues a trace, and returns its ids and its outgoing headers.
            fn continued(headers: &Headers) -> (String, Headers) {
                let propagator = TraceContextPropagator::new();
                let context = propagator.extract(headers);
                let tracer = SdkTracerProvider::builder().build().tracer("callee");
                let span = tracer.start_with_context("answer", &context);
                let context = context.with_span(span);
                let mut onward = Headers::new();
                propagator.inject_context(&context, &mut onward);
                (context.span().span_context().trace_id().to_string(), onward)
            }

            #[test]
            fn trace_goes_there_and_back() {
                let recorder = Recorder::new();
                let (headers, trace, _) = sent(&recorder);
                let (theirs, onward) = continued(&headers);
                assert_eq!(theirs, trace, "it continues ours");
                let back = RemoteContext::extract(&onward).unwrap();
                assert_eq!(back.trace_id(), trace);
                assert!(back.is_joinable(), "our member of tracestate went through");
                assert!(recorder.client().join(&back).is_some());
            }

            #[test]
            fn empty_tracestate_which_it_always_sends_is_read_as_none() {
                let (trace, onward) = continued(&Headers::new());
                assert_eq!(onward.get("tracestate").map(String::as_str), Some(""));
                let caller = RemoteContext::extract(&onward).unwrap();
                assert_eq!(caller.trace_id(), trace);
                assert!(!caller.is_joinable());
            }

            #[test]
            fn flags_of_python_are_refused_by_the_older_version_only_and_go_through_us() {
                let (theirs, _) = continued(&headers(PYTHON));
                assert_eq!(theirs == "0af7651916cd43dd8448eb211c80319c", $reads_python);

                let recorder = Recorder::new();
                let caller = RemoteContext::extract(&headers(PYTHON)).unwrap();
                let run = recorder.client().register_linked("middle", &caller);
                let mut onward = Headers::new();
                run.in_scope(|| Context::current().inject(&mut onward));
                assert!(onward["traceparent"].ends_with("-01"), "{onward:?}");
                let (theirs, _) = continued(&onward);
                assert_eq!(Some(theirs), run.trace_id());
            }
        }
    };
}

version!(v0_31, opentelemetry_0_31, opentelemetry_sdk_0_31, reads_python: false);
version!(v0_33, opentelemetry_0_33, opentelemetry_sdk_0_33, reads_python: true);
