//! Writes operations and registrations.

use crate::operation::Operation;
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::record::fields::{key_parts, put_facts_of, put_number, put_numbers, put_text};
use crate::spool::record::kind;
use crate::spool::record::words::{of_note, of_run_status, of_status};

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
