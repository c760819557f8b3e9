//! Checks that a success of the API is about the call that was sent.

use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::decision::{Via, Word};
use crate::delivery::schedule::api_call::ApiCall;
use crate::operation::{NoteKind, SpanKey};
use crate::wire::ResponseBody;

/// Characters of a time, down to the second, by which two spellings of it are compared.
const SECONDS: usize = "2026-01-31T12:00:00".len();

impl InstanceDelivery {
    /// The meaning of a success for a call, or `None` if it does not name the object that was sent. A success with a run or a span
    /// in an earlier state than the call leads to is the answer to an earlier call; one with an object of a run is no registration.
    pub(crate) fn word_of_success(&self, call: ApiCall, via: Via, body: &ResponseBody<'_>) -> Option<Word> {
        let id = body.id.as_deref();
        match call {
            ApiCall::Register => {
                let mark = body.external_identifier.as_deref();
                let is_ours = mark.is_none_or(|mark| mark == self.registration.external_identifier());
                (id.is_some() && body.instance_id.is_none() && is_ours).then_some(Word::Done)
            }
            ApiCall::Start | ApiCall::Finish | ApiCall::Poll => {
                let is_earlier = match call {
                    ApiCall::Start => body.is("pending"),
                    ApiCall::Finish => body.is("pending") || body.is("active"),
                    _ => false,
                };
                (id.is_some() && id == self.id() && !is_earlier).then_some(Word::Done)
            }
            ApiCall::Note(number) => {
                let kind = self.notes.get(&number).map(|entry| &entry.note.kind);
                let is_earlier = matches!(kind, Some(NoteKind::Terminate { .. }))
                    && (body.is("pending") || body.is("active"));
                let mut names = [id, body.instance_id.as_deref()].into_iter().flatten();
                (names.any(|name| Some(name) == self.id()) && !is_earlier).then_some(Word::Done)
            }
            ApiCall::CreateSpan(key) => match id {
                None => (via == Via::Bulk).then_some(Word::Done),
                Some(id) if self.span_id(key).is(id) => Some(Word::Done),
                Some(id) => self.is_renamed(key, id, via, body).then_some(Word::DoneUnderOtherId),
            },
            ApiCall::FinishSpan(key) => {
                let is_named = id.is_some_and(|id| match self.renamed.get(&key) {
                    Some(renamed) => renamed == id,
                    None => self.span_id(key).is(id),
                });
                let is_earlier = body.is("pending") || body.is("active");
                (is_named && !is_earlier || via == Via::Bulk).then_some(Word::Done)
            }
        }
    }

    /// Whether another id may stand for a span: never seen before, with the run, the name and the start that were sent.
    fn is_renamed(&self, key: SpanKey, id: &str, via: Via, body: &ResponseBody<'_>) -> bool {
        let Some(entry) = self.spans.get(&key) else { return false };
        let is_new = !self.renamed.iter().any(|(other, renamed)| *other != key && renamed == id)
            && !self.spans.keys().any(|other| self.span_id(*other).is(id));
        let start = entry.start.at.to_rfc3339();
        let at = |time: &str| time.get(..SECONDS).is_some_and(|seconds| start.starts_with(seconds));
        let is_named = body.instance_id.as_deref() == self.id()
            && body.schema_name.as_deref() == Some(&*entry.start.schema_name)
            && body.started_at.as_deref().is_some_and(at);
        is_new && (is_named || via == Via::Bulk)
    }
}
