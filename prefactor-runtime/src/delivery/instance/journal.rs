//! Tells the journal on disk about calls that are sent.

use crate::delivery::instance::span::SpanEntry;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::{Mark, RecordId, Sent};

impl InstanceDelivery {
    /// Notes how a call is said that is sent, if that is not noted yet.
    pub(crate) fn note_sent(&mut self, call: ApiCall, out: &mut ReadyQueue) {
        let noted = match call {
            ApiCall::CreateSpan(key) => self.spans.get_mut(&key).and_then(sent_create),
            ApiCall::FinishSpan(key) => self.spans.get_mut(&key).and_then(sent_finish),
            _ => self.sent_of_run(call),
        };
        if let Some((record, sent)) = noted {
            out.note(record.journal, || Mark::Sent { record, sent });
        }
    }

    /// As [`InstanceDelivery::note_sent`], for a call of the run itself.
    fn sent_of_run(&mut self, call: ApiCall) -> Option<(RecordId, Sent)> {
        let version = self.attempt(call)?.note()?;
        let token = match call {
            ApiCall::Register => self.register.as_ref(),
            ApiCall::Start => self.start.as_ref().map(|(_, token)| token),
            ApiCall::Finish => self.finish.as_ref().map(|finish| &finish.token),
            ApiCall::Note(number) => self.notes.get(&number).map(|entry| &entry.token),
            ApiCall::CreateSpan(_) | ApiCall::FinishSpan(_) | ApiCall::Poll => None,
        };
        Some((token?.record()?, Sent { version, ..Sent::default() }))
    }
}

fn sent_create(entry: &mut SpanEntry) -> Option<(RecordId, Sent)> {
    let version = entry.create.note()?;
    let sent = Sent {
        version,
        is_terminal: entry.is_terminal(),
        has_server_id: entry.has_server_id,
        has_no_payload: entry.has_no_payload,
        ..Sent::default()
    };
    Some((entry.token.as_ref()?.record()?, sent))
}

fn sent_finish(entry: &mut SpanEntry) -> Option<(RecordId, Sent)> {
    let finish = entry.finish.as_mut()?;
    let version = finish.attempt.note()?;
    let (has_no_payload, stands_in_for_cancel) = (entry.has_no_payload, finish.stands_in_for_cancel);
    let sent = Sent { version, has_no_payload, stands_in_for_cancel, ..Sent::default() };
    Some((finish.token.as_ref()?.record()?, sent))
}
