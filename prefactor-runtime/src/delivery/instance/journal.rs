//! Tells the journal on disk about calls that are sent.

use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::{Mark, Sent};

impl InstanceDelivery {
    /// Notes how a call is said that is sent, if that is not noted yet.
    pub(crate) fn note_sent(&mut self, call: ApiCall, out: &mut ReadyQueue) {
        let Some(version) = self.attempt(call).and_then(Attempt::note) else { return };
        let mut sent = Sent { version, ..Sent::default() };
        let token = match call {
            ApiCall::Register => self.register.as_ref(),
            ApiCall::Start => self.start.as_ref().map(|(_, token)| token),
            ApiCall::Finish => self.finish.as_ref().map(|finish| &finish.token),
            ApiCall::CreateSpan(key) => self.spans.get(&key).and_then(|entry| {
                sent.is_terminal = entry.is_terminal();
                (sent.has_server_id, sent.has_no_payload) = (entry.has_server_id, entry.has_no_payload);
                entry.token.as_ref()
            }),
            ApiCall::FinishSpan(key) => self.spans.get(&key).and_then(|entry| {
                let finish = entry.finish.as_ref()?;
                sent.has_no_payload = entry.has_no_payload;
                sent.stands_in_for_cancel = finish.stands_in_for_cancel;
                finish.token.as_ref()
            }),
            ApiCall::Note(number) => self.notes.get(&number).map(|entry| &entry.token),
            ApiCall::Poll => None,
        };
        if let Some(record) = token.and_then(AckToken::record) {
            out.note(record.journal, || Mark::Sent { record, sent });
        }
    }
}
