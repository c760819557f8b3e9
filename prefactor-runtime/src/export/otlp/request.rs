//! Encodes a batch of records as one OTLP request.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;

use super::common::{Facts, Head};
use super::fields::{Fields, varint_len};
use super::messages::{AnyValue, InstrumentationScope, KeyValue, Resource, Value};
use super::parts::Parts;
use super::span;
use super::vocabulary::Vocabulary;
use crate::export::record::{SpanRecord, TraceRecord};
use crate::export::typed::Typed;
use crate::types::agent::Agent;

/// The spans of one agent, which share a resource.
struct Group<'a> {
    agent: &'a Agent,
    /// The fields `resource` of `ResourceSpans` and `scope` of `ScopeSpans`.
    resource: Fields,
    scope: Fields,
    /// Room for the head, then the spans.
    spans: Fields,
    room: usize,
}

/// The part that all spans of a run share.
struct Run<'a> {
    trace: &'a Arc<TraceRecord>,
    group: usize,
    facts: Facts,
}

/// The body of a request, in empty memory that may have room for it.
pub(super) fn encode<'a>(
    vocabulary: &Vocabulary,
    spans: impl IntoIterator<Item = &'a SpanRecord>,
    memory: Vec<u8>,
) -> Bytes {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut heads: Vec<(&'a str, Option<Typed>, Head)> = Vec::new();
    let mut scratch = Vec::new();
    let mut memory = Some(memory);
    for record in spans {
        let run = runs.iter().rposition(|run| Arc::ptr_eq(run.trace, &record.trace));
        let run = run.unwrap_or_else(|| {
            let agent = &record.trace.agent;
            let group = groups.iter().position(|group| group.agent == agent).unwrap_or_else(|| {
                groups.push(Group::new(vocabulary, agent, memory.take().unwrap_or_default()));
                groups.len() - 1
            });
            let facts = Facts::of(&record.trace);
            runs.push(Run { trace: &record.trace, group, facts });
            runs.len() - 1
        });
        let Run { group, facts, .. } = &runs[run];
        let spans = &mut groups[*group].spans;
        let parts = Parts::of(record);
        let head =
            heads.iter().rposition(|(name, typed, _)| *name == record.schema_name && *typed == parts.typed);
        let head = head.unwrap_or_else(|| {
            heads.push((&record.schema_name, parts.typed, Head::of(&record.schema_name, parts.typed)));
            heads.len() - 1
        });
        spans.message(2, |span| span::write(vocabulary, &heads[head].2, facts, &parts, &mut scratch, span));
    }
    match <[Group<'a>; 1]>::try_from(groups) {
        Ok([group]) => group.finish(),
        Err(groups) => {
            let groups: Vec<Bytes> = groups.into_iter().map(Group::finish).collect();
            groups.concat().into()
        }
    }
}

impl<'a> Group<'a> {
    fn new(vocabulary: &Vocabulary, agent: &'a Agent, memory: Vec<u8>) -> Self {
        let (mut resource, mut scope) = (Fields::default(), Fields::default());
        resource.bytes(1, &self::resource(vocabulary, agent).encode_to_vec());
        let of_sdk = InstrumentationScope {
            name: Bytes::from_static(b"prefactor"),
            version: Bytes::from_static(env!("CARGO_PKG_VERSION").as_bytes()),
        };
        scope.bytes(1, &of_sdk.encode_to_vec());
        let room = resource.0.len() + scope.0.len() + 22;
        let mut spans = Fields(memory);
        spans.0.resize(room, 0);
        Self { agent, resource, scope, spans, room }
    }

    /// The field `resource_spans` of the request.
    fn finish(self) -> Bytes {
        let Self { resource, scope, mut spans, room, .. } = self;
        let in_scope = scope.0.len() + spans.0.len() - room;
        let in_resource = resource.0.len() + 1 + varint_len(in_scope) + in_scope;
        let mut head = Fields::default();
        head.with_length(1, in_resource);
        head.0.extend(resource.0);
        head.with_length(2, in_scope);
        head.0.extend(scope.0);
        let begin = room - head.0.len();
        spans.0[begin..room].copy_from_slice(&head.0);
        Bytes::from(spans.0).slice(begin..)
    }
}

fn resource(vocabulary: &Vocabulary, agent: &Agent) -> Resource {
    let mut attributes = Vec::new();
    let mut add = |key: &str, value: &str| {
        let value = Value::Text(Bytes::copy_from_slice(value.as_bytes()));
        let value = Some(AnyValue { value: Some(value) });
        attributes.push(KeyValue { key: Bytes::copy_from_slice(key.as_bytes()), value });
    };
    add("service.name", vocabulary.service_name.as_deref().unwrap_or(agent.name()));
    let is_given = |key: &str| vocabulary.resource.iter().any(|(theirs, _)| theirs == key);
    if !is_given("service.version") {
        add("service.version", agent.version());
    }
    add("telemetry.sdk.name", "prefactor");
    add("telemetry.sdk.language", "rust");
    add("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
    for (key, value) in &vocabulary.resource {
        if key != "service.name" {
            add(key, value);
        }
    }
    Resource { attributes }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::export::otlp::messages::ExportTraceServiceRequest;
    use crate::export::record::{SpanId, TraceId};
    use crate::operation::SpanKey;
    use crate::payload::JsonText;
    use crate::types::pfid::Pfid;
    use crate::types::status::SpanStatus;

    fn run(agent: &'static str) -> Arc<TraceRecord> {
        Arc::new(TraceRecord {
            trace_id: TraceId([7; 16]),
            agent: Agent::new(agent),
            started_at: None,
            ended_at: None,
            status: None,
            external_identifier: None,
            name: None,
            group_id: None,
            session_id: Some(format!("session of {agent}")),
            user_id: None,
            tags: Vec::new(),
            id: Pfid::of_bits(0, 0, 0),
            metadata: JsonText::default(),
        })
    }

    fn span(trace: &Arc<TraceRecord>, number: u8, payload: usize) -> SpanRecord {
        let key = SpanKey::generate(0);
        SpanRecord {
            trace: Arc::clone(trace),
            span_id: SpanId([number; 8]),
            parent_id: (number > 1).then_some(SpanId([1; 8])),
            schema_name: "test:step".into(),
            status: SpanStatus::Complete,
            started_at: UNIX_EPOCH,
            ended_at: None,
            key,
            parent_key: None,
            payload: JsonText::new(format!(r#"{{"text":"{}"}}"#, "x".repeat(payload)).into()),
            result: JsonText::default(),
        }
    }

    #[test]
    fn caller_in_another_system_is_a_link_of_the_span_that_it_called_and_no_parent() {
        const CALLER: &str = r#"{"remote_parent":{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"}}"#;
        let run_with = |metadata: &'static str| {
            let mut trace = run("callee");
            Arc::get_mut(&mut trace).unwrap().metadata = JsonText::new(metadata.into());
            trace
        };
        let (linked, own) = (run_with(CALLER), run_with("{}"));
        let with_payload = |mut span: SpanRecord, payload: &'static str| {
            span.payload = JsonText::new(payload.into());
            span
        };
        let same_trace = r#"{"remote_parent":{"trace_id":"07070707070707070707070707070707","span_id":"b7ad6b7169203331"}}"#;
        let records = [
            (span(&linked, 1, 0), 1),
            (span(&linked, 2, 0), 0),
            (with_payload(span(&linked, 1, 0), CALLER), 1),
            (span(&own, 1, 0), 0),
            (with_payload(span(&own, 2, 0), CALLER), 1),
            (with_payload(span(&own, 2, 0), same_trace), 0),
            (with_payload(span(&own, 1, 0), r#"{"remote_parent":{"trace_id":"x","span_id":7}}"#), 0),
        ];
        for (number, (record, count)) in records.iter().enumerate() {
            let body = encode(&Vocabulary::default(), std::slice::from_ref(record), Vec::new());
            let request = ExportTraceServiceRequest::decode(&*body).unwrap();
            let span = &request.resource_spans[0].scope_spans[0].spans[0];
            assert_eq!(span.links.len(), *count, "{number}");
            assert_eq!(span.parent_span_id.is_empty(), record.parent_id.is_none(), "{number}");
            assert!(span.links.iter().all(|link| link.trace_id[..2] == [0x0a, 0xf7]), "{number}");
            assert!(span.links.iter().all(|link| link.span_id[..2] == [0xb7, 0xad]), "{number}");
        }
    }

    #[test]
    fn spans_of_several_agents_are_in_resources_of_their_own_in_their_order() {
        let (one, two) = (run("one"), run("two"));
        let records = [span(&one, 1, 0), span(&two, 2, 100), span(&one, 3, 20_000), span(&one, 4, 3_000_000)];
        for (count, agents) in [(1, 1), (2, 2), (4, 2)] {
            for room in [0, 10 << 20] {
                let body = encode(
                    &Vocabulary { has_content: true, ..Vocabulary::default() },
                    &records[..count],
                    Vec::with_capacity(room),
                );
                let request = ExportTraceServiceRequest::decode(&*body).unwrap();
                assert_eq!(request.resource_spans.len(), agents, "{count}");
                for (of_agent, trace) in request.resource_spans.iter().zip([&one, &two]) {
                    let attributes = &of_agent.resource.as_ref().unwrap().attributes;
                    let name = Value::Text(trace.agent.name().to_owned().into());
                    assert_eq!(attributes[0].value, Some(AnyValue { value: Some(name) }));
                    let [of_scope] = &of_agent.scope_spans[..] else { panic!("{of_agent:?}") };
                    assert_eq!(of_scope.scope.as_ref().unwrap().name, "prefactor");
                    let ids: Vec<_> = of_scope.spans.iter().map(|span| span.span_id.clone()).collect();
                    let own = records[..count].iter().filter(|record| Arc::ptr_eq(&record.trace, trace));
                    let own: Vec<_> =
                        own.map(|record| Bytes::copy_from_slice(&record.span_id.to_bytes())).collect();
                    assert_eq!(ids, own, "{count}");
                    for span in &of_scope.spans {
                        let session = span.attributes.iter().find(|pair| pair.key == "session.id").unwrap();
                        let expected = Value::Text(trace.session_id.clone().unwrap().into());
                        assert_eq!(session.value, Some(AnyValue { value: Some(expected) }));
                        assert_eq!((span.flags, span.status.as_ref().unwrap().code), (1, 1));
                    }
                }
            }
        }
    }
}
