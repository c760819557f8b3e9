//! Turns the worker's operations into records, for every processor.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use super::countdown::{Countdown, Reply};
use super::event::{Event, LaneStatus};
use super::lane::{Lane, Sink};
use super::record::{SpanId, SpanRecord, TraceId, TraceRecord};
use crate::operation::{InstanceKey, InstanceRecord, Operation, SpanKey};
use crate::payload::byte_arena::ByteArena;
use crate::payload::{JsonText, MemberPlaces, Payload, Redact, SideLimits};
use crate::platform::clock::Timestamp;
use crate::platform::key_map::KeyMap;
use crate::redaction::Redaction;
use crate::types::error::Error;
use crate::types::status::{InstanceStatus, SpanStatus};
use crate::types::usage::Usage;

/// The processors of a client, with the open runs and spans.
#[derive(Default)]
pub(crate) struct Observer {
    lanes: Vec<Lane>,
    traces: KeyMap<InstanceKey, Trace>,
    redaction: Redaction,
    reads_usage: bool,
    /// Whether operations are sent to the platform too.
    is_sent: bool,
    /// Memory in which payloads are rendered.
    arena: ByteArena,
    places: MemberPlaces,
}

struct Trace {
    record: Arc<TraceRecord>,
    is_ended: bool,
    spans: KeyMap<SpanKey, Arc<SpanRecord>>,
}

impl Observer {
    /// Starts a thread for each processor.
    ///
    /// # Errors
    ///
    /// When a thread cannot be started.
    pub(crate) fn start(
        sinks: Vec<(Sink, Arc<LaneStatus>)>,
        redaction: Redaction,
        max_bytes: usize,
        is_sent: bool,
    ) -> Result<Self, Error> {
        let is_brief = sinks.iter().all(|(sink, _)| matches!(sink, Sink::Exporter(_)));
        let start = |(sink, status)| Lane::start(sink, status, max_bytes);
        let lanes = sinks.into_iter().map(start).collect::<Result<_, _>>()?;
        let redaction = redaction.for_processors();
        // A processor may keep a record for long, which would keep the payloads that lie beside its own.
        let arena = if is_brief { ByteArena::default() } else { ByteArena::of_separate() };
        Ok(Self { lanes, redaction, is_sent, arena, ..Self::default() })
    }

    /// Takes usage from the usual JSON of results, as [`Observer::complete`] does.
    pub(crate) fn reading_usage(mut self, reads_usage: bool) -> Self {
        self.reads_usage = reads_usage;
        self
    }

    /// Adds `token_usage` to a result that has a `usage`, before processors see it.
    pub(crate) fn complete(&self, operation: &mut Operation) {
        let Operation::FinishSpan(finish) = operation else { return };
        if !self.reads_usage || finish.has_usage || finish.result.is_empty() {
            return;
        }
        let mut json = Vec::new();
        finish.result.render_into(&mut json, &Redaction::default() as &dyn Redact);
        // Searches the text first: reading JSON costs more, and few results hold usage.
        let is_told = [&b"sage\""[..], b"sageMetadata\"", b"sage_metadata\""]
            .iter()
            .any(|key| json.windows(key.len()).any(|bytes| bytes == *key));
        let value = if is_told { serde_json::from_slice(&json).ok() } else { None };
        if let Some(usage) = value.as_ref().and_then(Usage::in_json) {
            let told = Payload::of(SideLimits::default(), &usage);
            finish.result.copy_member(&told, "token_usage");
            for name in ["model", "provider", "cost"] {
                finish.result.copy_member(&told, name);
            }
            finish.has_usage = true;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// How many spans have started and not ended.
    pub(crate) fn open_spans(&self) -> usize {
        self.traces.values().map(|trace| trace.spans.len()).sum()
    }

    /// Tells the processors of an operation, before the delivery takes it.
    ///
    /// Payloads are rendered here, once: whoever sends the operation later sends the same text.
    pub(crate) fn observe(&mut self, operation: &mut Operation) {
        match operation {
            Operation::Register(registration) => {
                let record = Arc::new(self.trace_record(registration));
                self.lanes.iter_mut().for_each(|lane| lane.trace_start(&record));
                let trace = Trace { record, is_ended: false, spans: KeyMap::default() };
                self.traces.insert(registration.key, trace);
            }
            Operation::StartInstance { instance, at } => {
                if let Some(trace) = self.traces.get_mut(instance) {
                    Arc::make_mut(&mut trace.record).started_at = Some(at.to_system_time());
                }
            }
            Operation::StartSpan(start) => {
                let payload = self.json(&mut start.payload);
                // The program made an owned name at run time, so secrets may be part of it.
                let schema_name = match &start.schema_name {
                    Cow::Borrowed(name) => Cow::Borrowed(*name),
                    Cow::Owned(name) => Cow::Owned(self.redaction.shape(name, false).into_owned()),
                };
                let Some(trace) = self.traces.get_mut(&start.instance) else { return };
                let span = Arc::new(SpanRecord {
                    trace: Arc::clone(&trace.record),
                    span_id: span_id(start.key),
                    parent_id: start.parent.map(span_id),
                    schema_name,
                    status: start.status,
                    started_at: start.at.to_system_time(),
                    ended_at: None,
                    payload,
                    key: start.key,
                    parent_key: start.parent,
                    result: JsonText::default(),
                });
                trace.spans.insert(start.key, Arc::clone(&span));
                self.lanes.iter_mut().for_each(|lane| lane.span_start(&span));
            }
            Operation::FinishSpan(finish) if finish.status == SpanStatus::Active => {
                if let Some(trace) = self.traces.get_mut(&finish.instance) {
                    trace.spans.remove(&finish.key);
                }
            }
            Operation::Note(_) => {}
            Operation::FinishSpan(finish) => {
                let result = self.json(&mut finish.result);
                self.end_span(finish.instance, finish.key, finish.status, finish.at, result);
            }
            Operation::FinishInstance { instance, status, at } => self.end_trace(*instance, *status, *at),
            Operation::ReleaseInstance { instance, at } => {
                self.end_trace(*instance, InstanceStatus::Complete, *at);
                self.traces.remove(instance);
            }
        }
    }

    /// Hands the collected events to the processors' threads. Called after each round of operations.
    pub(crate) fn hand_over(&mut self) {
        self.lanes.iter_mut().for_each(Lane::hand_over);
    }

    /// Asks every processor to flush, and returns a reply that waits for all of them.
    pub(crate) fn flush(&mut self, deadline: Instant, reply: Reply) -> Reply {
        let countdown = Countdown::new(self.lanes.len());
        for lane in &mut self.lanes {
            lane.push(Event::Flush { deadline, countdown: Arc::clone(&countdown) });
        }
        self.hand_over();
        Box::new(move |report| countdown.delivered(report, reply))
    }

    /// Ends the open spans and runs, shuts every processor down, and returns a reply that waits for all of them.
    pub(crate) fn shutdown(&mut self, deadline: Instant, status: InstanceStatus, reply: Reply) -> Reply {
        let at = Timestamp::now();
        for instance in self.traces.keys().copied().collect::<Vec<_>>() {
            let open: Vec<_> = self.traces[&instance].spans.keys().copied().collect();
            for key in open {
                self.end_span(instance, key, SpanStatus::Cancelled, at, JsonText::default());
            }
            self.end_trace(instance, status, at);
        }
        self.traces.clear();
        let countdown = Countdown::new(self.lanes.len());
        for mut lane in std::mem::take(&mut self.lanes) {
            lane.push(Event::Shutdown { deadline, countdown: Arc::clone(&countdown) });
            lane.hand_over();
        }
        Box::new(move |report| countdown.delivered(report, reply))
    }

    fn end_span(
        &mut self,
        instance: InstanceKey,
        key: SpanKey,
        status: SpanStatus,
        at: Timestamp,
        result: JsonText,
    ) {
        let started = self.traces.get_mut(&instance).and_then(|trace| trace.spans.remove(&key));
        let Some(mut span) = started else { return };
        let record = Arc::make_mut(&mut span);
        (record.status, record.ended_at, record.result) = (status, Some(at.to_system_time()), result);
        self.lanes.iter_mut().for_each(|lane| lane.span_end(&span));
    }

    fn end_trace(&mut self, instance: InstanceKey, status: InstanceStatus, at: Timestamp) {
        let Some(trace) = self.traces.get_mut(&instance).filter(|trace| !trace.is_ended) else { return };
        trace.is_ended = true;
        let record = Arc::make_mut(&mut trace.record);
        (record.status, record.ended_at) = (Some(status), Some(at.to_system_time()));
        let record = Arc::clone(&trace.record);
        self.lanes.iter_mut().for_each(|lane| lane.trace_end(&record));
    }

    fn trace_record(&mut self, run: &InstanceRecord) -> TraceRecord {
        let of = &run.registration;
        let metadata = self.json(&mut of.metadata.clone());
        let clean = |name: &str, text: &String| {
            let secrecy = self.redaction.secrecy(name);
            self.redaction.text(name, secrecy, text).into_owned()
        };
        let fact = |name: &str, text: &Option<String>| text.as_ref().map(|text| clean(name, text));
        TraceRecord {
            trace_id: TraceId(run.trace_id()),
            agent: of.agent.clone(),
            started_at: None,
            ended_at: None,
            status: None,
            external_identifier: fact("external_identifier", &of.external_identifier),
            name: fact("name", &of.name),
            group_id: fact("group_id", &of.group_id),
            session_id: fact("session_id", &of.session_id),
            user_id: fact("user_id", &of.user_id),
            tags: of.tags.iter().map(|tag| clean("tags", tag)).collect(),
            id: of.id.unwrap_or(run.nonce),
            metadata,
        }
    }

    fn json(&mut self, payload: &mut Payload) -> JsonText {
        payload.render_once(&self.redaction, self.is_sent, &mut self.arena, &mut self.places)
    }
}

fn span_id(key: SpanKey) -> SpanId {
    SpanId(key.w3c_bytes())
}
