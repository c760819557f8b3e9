//! Reads records.

use std::borrow::Cow;

use crate::operation::stored::{Sent, Snapshot};
use crate::operation::{InstanceKey, Note, Operation, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::journal::SETTLED;
use crate::spool::record::fields::{Body, NEVER};
use crate::spool::record::kind;
use crate::spool::record::words::{note, run_status, status};

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
