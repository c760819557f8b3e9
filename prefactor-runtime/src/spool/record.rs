//! The bodies of records: operations with their payloads rendered and redacted, and notes about their delivery.
//!
//! Numbers have their least byte first; texts are behind their length, or reach to the end of the record. `docs/spool.md`
//! lists the fields.

use std::borrow::Cow;

use crate::operation::stored::{Mark, Sent, Snapshot};
use crate::operation::{InstanceKey, Note, NoteKind, Operation, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::journal::{Journal, SETTLED};
use crate::types::alert::Severity;
use crate::types::status::{InstanceStatus, SpanStatus};

pub(crate) mod kind {
    pub(crate) const REGISTER: u8 = 1;
    pub(crate) const START_RUN: u8 = 2;
    pub(crate) const FINISH_RUN: u8 = 3;
    pub(crate) const RELEASE_RUN: u8 = 4;
    pub(crate) const START_SPAN: u8 = 5;
    pub(crate) const FINISH_SPAN: u8 = 6;
    pub(crate) const NOTE: u8 = 7;
    pub(crate) const REGISTERED: u8 = 0x82;
    pub(crate) const SENT: u8 = 0x83;
    pub(crate) const REFUSED: u8 = 0x84;
    pub(crate) const RENAMED: u8 = 0x85;
    pub(crate) const RUN: u8 = 0x86;
    pub(crate) const OPEN_SPAN: u8 = 0x87;
}

const NEVER: u64 = u64::MAX;

/// A record as it is read. Runs have the numbers of the process that wrote them.
#[derive(Debug)]
pub(crate) enum Record {
    Register {
        run: u64,
        nonce: String,
        registration: Vec<u8>,
    },
    Operation(Operation),
    Registered {
        run: u64,
        id: String,
    },
    /// Operations that were sent alike.
    Sent {
        numbers: Vec<u64>,
        sent: Sent,
    },
    Settled(Vec<u64>),
    Refused {
        run: u64,
        key: SpanKey,
        parent: Option<SpanKey>,
    },
    Renamed {
        run: u64,
        key: SpanKey,
        id: String,
    },
    Run(Snapshot),
    OpenSpan {
        run: u64,
        key: SpanKey,
    },
}

/// Writes the registration of a run.
pub(crate) fn put_register(out: &mut Vec<u8>, run: u64, nonce: &str, registration: &[u8]) {
    put_number(out, run);
    put_text(out, nonce.as_bytes());
    out.extend_from_slice(registration);
}

/// Writes an operation that is no registration. Its times do not change any more, and `payload` writes its payload and says
/// whether there are marks of sensitive values in it.
pub(crate) fn put_operation(
    out: &mut Vec<u8>,
    operation: &mut Operation,
    payload: impl FnOnce(&mut Vec<u8>, &mut Payload) -> bool,
) {
    match operation {
        Operation::Register(_) => {}
        Operation::StartInstance { instance, at } | Operation::ReleaseInstance { instance, at } => {
            put_numbers(out, [instance.origin().1, fix(at)]);
        }
        Operation::FinishInstance { instance, status, at } => {
            put_numbers(out, [instance.origin().1, fix(at)]);
            out.push(of_run_status(*status));
        }
        Operation::StartSpan(start) => {
            let ([key, low], [parent, parent_low]) = (key_parts(Some(start.key)), key_parts(start.parent));
            put_numbers(out, [start.instance.origin().1, fix(&mut start.at), key, low, parent, parent_low]);
            out.push(of_status(start.status));
            put_facts_of(out, [false, false], |out| {
                put_text(out, start.schema_name.as_bytes());
                payload(out, &mut start.payload)
            });
        }
        Operation::FinishSpan(finish) => {
            let [key, low] = key_parts(Some(finish.key));
            put_numbers(out, [finish.instance.origin().1, fix(&mut finish.at), key, low]);
            out.push(of_status(finish.status));
            let facts = [finish.has_usage, finish.is_by_reference];
            put_facts_of(out, facts, |out| payload(out, &mut finish.result));
        }
        Operation::Note(note) => {
            let [key, low] = key_parts(Some(note.key));
            put_numbers(out, [note.instance.origin().1, fix(&mut note.at), key, low]);
            let (what, text) = of_note(&note.kind);
            out.push(what);
            put_text(out, text.as_bytes());
            payload(out, &mut note.payload);
        }
    }
}

/// Writes a payload that was rendered for good.
pub(crate) fn put_rendered(out: &mut Vec<u8>, payload: &mut Payload) -> bool {
    out.extend_from_slice(payload.rendered_json());
    payload.rendered_has_marks()
}

/// Lets a time be its date from now on: microseconds since 1970.
fn fix(at: &mut Timestamp) -> u64 {
    let micros = at.unix_micros();
    *at = Timestamp::of_unix_micros(micros);
    micros
}

pub(crate) fn kind_of(operation: &Operation) -> u8 {
    match operation {
        Operation::Register(_) => kind::REGISTER,
        Operation::StartInstance { .. } => kind::START_RUN,
        Operation::FinishInstance { .. } => kind::FINISH_RUN,
        Operation::ReleaseInstance { .. } => kind::RELEASE_RUN,
        Operation::StartSpan(_) => kind::START_SPAN,
        Operation::FinishSpan(_) => kind::FINISH_SPAN,
        Operation::Note(_) => kind::NOTE,
    }
}

/// Adds marks to a journal. Those in a row of operations that were sent alike share a record.
pub(crate) fn append_marks<'a>(journal: &mut Journal, marks: impl IntoIterator<Item = &'a Mark>) {
    let mut marks = marks.into_iter().peekable();
    while let Some(mark) = marks.next() {
        journal.append(kind_of_mark(mark), |out| {
            put_mark(out, mark);
            let Mark::Sent { sent, .. } = mark else { return };
            let is_alike = |next: &&Mark| matches!(next, Mark::Sent { sent: other, .. } if other == sent);
            while let Some(Mark::Sent { record, .. }) = marks.next_if(is_alike) {
                put_number(out, record.number);
            }
        });
    }
}

fn kind_of_mark(mark: &Mark) -> u8 {
    match mark {
        Mark::Registered { .. } => kind::REGISTERED,
        Mark::Sent { .. } => kind::SENT,
        Mark::Refused { .. } => kind::REFUSED,
        Mark::Renamed { .. } => kind::RENAMED,
    }
}

fn put_mark(out: &mut Vec<u8>, mark: &Mark) {
    match mark {
        Mark::Registered { instance, id } => {
            put_number(out, instance.origin().1);
            out.extend_from_slice(id.as_bytes());
        }
        Mark::Sent { record, sent } => {
            put_number(out, record.number);
            put_number(out, sent.version.into());
            let facts =
                [sent.is_terminal, sent.has_server_id, sent.has_no_payload, sent.stands_in_for_cancel];
            put_facts(out, facts);
        }
        Mark::Refused { instance, key, parent } => {
            put_number(out, instance.origin().1);
            put_key(out, Some(*key));
            put_key(out, *parent);
        }
        Mark::Renamed { instance, key, id } => {
            put_number(out, instance.origin().1);
            put_key(out, Some(*key));
            out.extend_from_slice(id.as_bytes());
        }
    }
}

/// Writes the state of a run; its spans are records of their own.
pub(crate) fn put_run(out: &mut Vec<u8>, run: &Snapshot) {
    put_number(out, run.instance.origin().1);
    put_number(out, run.started_at.map_or(NEVER, Timestamp::unix_micros));
    put_number(out, run.last_at.unix_micros());
    out.push(u8::from(run.is_finish_requested));
    put_text(out, run.nonce.as_bytes());
    put_text(out, run.api_id.as_deref().unwrap_or_default().as_bytes());
    out.extend_from_slice(&run.registration);
}

pub(crate) fn put_open_span(out: &mut Vec<u8>, run: InstanceKey, key: SpanKey) {
    put_number(out, run.origin().1);
    put_key(out, Some(key));
}

/// Reads a record. `None` for one that is not ours, or malformed.
pub(crate) fn read(kind: u8, body: &[u8]) -> Option<Record> {
    let mut body = Body(body);
    Some(match kind {
        kind::REGISTER => {
            Record::Register { run: body.number()?, nonce: body.text()?, registration: body.rest().to_vec() }
        }
        kind::START_RUN | kind::RELEASE_RUN | kind::FINISH_RUN => {
            let (instance, at) = (InstanceKey(body.number()?), body.time()?);
            Record::Operation(match kind {
                kind::START_RUN => Operation::StartInstance { instance, at },
                kind::RELEASE_RUN => Operation::ReleaseInstance { instance, at },
                _ => Operation::FinishInstance { instance, at, status: run_status(body.byte()?)? },
            })
        }
        kind::START_SPAN => {
            let (instance, at) = (InstanceKey(body.number()?), body.time()?);
            let (key, parent) = (body.key()?, body.parent().ok()?);
            let (status, [has_marks, ..]) = (status(body.byte()?)?, body.facts()?);
            let schema_name = Cow::Owned(body.text()?);
            let payload = Payload::of_rendered(body.rest(), has_marks);
            Record::Operation(Operation::StartSpan(SpanStart {
                instance,
                key,
                parent,
                schema_name,
                status,
                at,
                payload,
            }))
        }
        kind::FINISH_SPAN => {
            let (instance, at) = (InstanceKey(body.number()?), body.time()?);
            let (key, status) = (body.key()?, status(body.byte()?)?);
            let [has_marks, has_usage, is_by_reference, ..] = body.facts()?;
            let result = Payload::of_rendered(body.rest(), has_marks);
            Record::Operation(Operation::FinishSpan(SpanFinish {
                instance,
                key,
                status,
                at,
                result,
                has_usage,
                is_by_reference,
            }))
        }
        kind::NOTE => {
            let (instance, at, key) = (InstanceKey(body.number()?), body.time()?, body.key()?);
            let (what, text) = (body.byte()?, body.text()?);
            let payload = Payload::of_rendered(body.rest(), false);
            Record::Operation(Operation::Note(Note { instance, key, kind: note(what, text)?, at, payload }))
        }
        kind::REGISTERED => Record::Registered { run: body.number()?, id: body.rest_text()? },
        kind::SENT => {
            let (number, version) = (body.number()?, u32::try_from(body.number()?).ok()?);
            let [is_terminal, has_server_id, has_no_payload, stands_in_for_cancel, ..] = body.facts()?;
            let sent = Sent { version, is_terminal, has_server_id, has_no_payload, stands_in_for_cancel };
            let others = std::iter::from_fn(|| body.number());
            Record::Sent { numbers: std::iter::once(number).chain(others).collect(), sent }
        }
        SETTLED => Record::Settled(std::iter::from_fn(|| body.number()).collect()),
        kind::REFUSED => {
            Record::Refused { run: body.number()?, key: body.key()?, parent: body.parent().ok()? }
        }
        kind::RENAMED => Record::Renamed { run: body.number()?, key: body.key()?, id: body.rest_text()? },
        kind::RUN => {
            let instance = InstanceKey(body.number()?);
            let started_at = body.number().map(|at| (at != NEVER).then(|| Timestamp::of_unix_micros(at)))?;
            let (last_at, is_finish_requested) = (body.time()?, body.byte()? != 0);
            let (nonce, api_id) = (body.text()?, body.text()?);
            Record::Run(Snapshot {
                instance,
                nonce,
                registration: body.rest().to_vec(),
                api_id: Some(api_id).filter(|id| !id.is_empty()),
                started_at,
                last_at,
                is_finish_requested,
                open: Vec::new(),
                refused: Vec::new(),
                renamed: Vec::new(),
            })
        }
        kind::OPEN_SPAN => Record::OpenSpan { run: body.number()?, key: body.key()? },
        _ => return None,
    })
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_numbers<const N: usize>(out: &mut Vec<u8>, numbers: [u64; N]) {
    out.extend_from_slice(numbers.map(u64::to_le_bytes).as_flattened());
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(text);
}

fn put_key(out: &mut Vec<u8>, key: Option<SpanKey>) {
    put_numbers(out, key_parts(key));
}

/// No key is zero in its second half.
fn key_parts(key: Option<SpanKey>) -> [u64; 2] {
    key.map_or([0, 0], |key| key.to_parts().into())
}

/// Writes facts into the bits of a byte, the first into the second bit, and what is behind it. The lowest bit is what that says.
fn put_facts_of(out: &mut Vec<u8>, [a, b]: [bool; 2], rest: impl FnOnce(&mut Vec<u8>) -> bool) {
    let at = out.len();
    put_facts(out, [false, a, b]);
    if rest(out) {
        out[at] |= 1;
    }
}

/// Writes facts into the bits of a byte, the first into the lowest.
fn put_facts<const N: usize>(out: &mut Vec<u8>, facts: [bool; N]) {
    out.push(facts.into_iter().enumerate().map(|(bit, fact)| u8::from(fact) << bit).sum());
}

const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];
/// The byte of an alert of the first severity; the others follow.
const ALERT: u8 = 16;

/// The kind of a note, and its name or reason.
fn of_note(kind: &NoteKind) -> (u8, &str) {
    match kind {
        NoteKind::Quality { name } => (0, name),
        NoteKind::QualityRemoved { name } => (1, name),
        NoteKind::AlertCleared { name } => (2, name),
        NoteKind::Terminate { reason } => (3, reason),
        NoteKind::AlertRaised { name, severity } => {
            let byte = (ALERT..).zip(SEVERITIES).find(|(_, known)| known == severity);
            (byte.map_or(ALERT, |(byte, _)| byte), name)
        }
    }
}

fn note(what: u8, text: String) -> Option<NoteKind> {
    Some(match what {
        0 => NoteKind::Quality { name: text },
        1 => NoteKind::QualityRemoved { name: text },
        2 => NoteKind::AlertCleared { name: text },
        3 => NoteKind::Terminate { reason: text },
        _ => {
            let severity = *SEVERITIES.get(usize::from(what.checked_sub(ALERT)?))?;
            NoteKind::AlertRaised { name: text, severity }
        }
    })
}

const STATUSES: [SpanStatus; 5] = [
    SpanStatus::Pending,
    SpanStatus::Active,
    SpanStatus::Complete,
    SpanStatus::Failed,
    SpanStatus::Cancelled,
];

const RUN_STATUSES: [InstanceStatus; 3] =
    [InstanceStatus::Complete, InstanceStatus::Failed, InstanceStatus::Cancelled];

fn of_status(status: SpanStatus) -> u8 {
    (0_u8..).zip(STATUSES).find(|(_, known)| *known == status).map_or(0, |(byte, _)| byte)
}

fn status(byte: u8) -> Option<SpanStatus> {
    STATUSES.get(usize::from(byte)).copied()
}

fn of_run_status(status: InstanceStatus) -> u8 {
    (0_u8..).zip(RUN_STATUSES).find(|(_, known)| *known == status).map_or(0, |(byte, _)| byte)
}

fn run_status(byte: u8) -> Option<InstanceStatus> {
    RUN_STATUSES.get(usize::from(byte)).copied()
}

/// The unread part of a body.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.number().map(Timestamp::of_unix_micros)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// The bits of a byte, the lowest first.
    fn facts(&mut self) -> Option<[bool; 8]> {
        let byte = self.byte()?;
        Some(std::array::from_fn(|bit| byte & 1 << bit != 0))
    }

    fn key(&mut self) -> Option<SpanKey> {
        self.parent().ok().flatten()
    }

    /// A key that may be absent. An error where nothing more is there.
    fn parent(&mut self) -> Result<Option<SpanKey>, ()> {
        let (high, low) = self.number().zip(self.number()).ok_or(())?;
        Ok((low != 0).then(|| SpanKey::from_parts(high, low)))
    }

    fn text(&mut self) -> Option<String> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    fn rest_text(&mut self) -> Option<String> {
        std::str::from_utf8(self.rest()).ok().map(str::to_owned)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
