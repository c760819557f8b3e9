//! Writes notes beside the operations: marks of their delivery, and the state of runs.

use crate::operation::stored::{Mark, Snapshot};
use crate::operation::{InstanceKey, SpanKey};
use crate::platform::clock::Timestamp;
use crate::spool::journal::Journal;
use crate::spool::record::fields::{NEVER, put_facts, put_key, put_number, put_text};
use crate::spool::record::kind;

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
