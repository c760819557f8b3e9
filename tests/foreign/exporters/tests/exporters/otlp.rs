//! Requests of OTLP, decoded by the messages of `opentelemetry-proto`.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prefactor_tests::receiver::Receiver;
use prost::Message as _;
use serde_json::{Value, json};

/// All spans that were received, with the resource of each.
pub(crate) fn spans(receiver: &Receiver) -> Vec<(BTreeMap<String, Value>, Span)> {
    let mut spans = Vec::new();
    for request in receiver.requests() {
        let request = ExportTraceServiceRequest::decode(&*request.body).unwrap();
        for of_resource in request.resource_spans {
            let resource = attributes(&of_resource.resource.unwrap().attributes);
            for of_scope in of_resource.scope_spans {
                assert_eq!(of_scope.scope.unwrap().name, "prefactor");
                spans.extend(of_scope.spans.into_iter().map(|span| (resource.clone(), span)));
            }
        }
    }
    spans
}

/// By their keys, each of which is there once.
pub(crate) fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, Value> {
    let mut attributes = BTreeMap::new();
    for pair in pairs {
        let value = plain(pair.value.as_ref().unwrap());
        assert!(attributes.insert(pair.key.clone(), value).is_none(), "{} is there twice", pair.key);
    }
    attributes
}

/// Refuses forms that make receivers lose spans.
fn plain(value: &AnyValue) -> Value {
    match value.value.as_ref().unwrap() {
        Any::StringValue(text) => json!(text),
        Any::BoolValue(value) => json!(value),
        Any::IntValue(value) => json!(value),
        Any::DoubleValue(value) => {
            assert!(value.is_finite(), "{value}");
            json!(value)
        }
        Any::ArrayValue(list) => {
            let values: Vec<_> = list.values.iter().map(plain).collect();
            assert!(values.iter().all(Value::is_string), "{values:?}");
            Value::Array(values)
        }
        other => panic!("{other:?}"),
    }
}
