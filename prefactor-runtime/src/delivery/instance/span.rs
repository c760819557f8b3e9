//! One span in its instance.

use std::borrow::Cow;

use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::Attempt;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{InstanceKey, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::status::SpanStatus;
use crate::wire::EncodedCall;

/// A span that is open, or not settled.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct SpanEntry {
    pub(crate) start: SpanStart,
    pub(crate) state: State,
    pub(crate) create: Attempt,
    pub(crate) token: Option<AckToken>,
    pub(crate) finish: Option<PendingFinish>,
    /// Children that wait for this span to be accepted.
    pub(crate) children: Vec<SpanKey>,
    /// The parent that was named to the API.
    pub(crate) named_parent: Option<SpanKey>,
    /// Whether the API makes its id.
    pub(crate) has_server_id: bool,
    /// Whether its payloads were left out, because the API would not take so much.
    pub(crate) has_no_payload: bool,
    /// Whether its start goes without its finish, where both could go as one: the API refused that for a span that was cancelled
    /// before its start, or a process before has sent it so.
    pub(crate) is_start_alone: bool,
    /// Whether another process will end it: its start is all that is delivered here.
    pub(crate) is_left_open: bool,
    /// Of the operation that says so, until the start is settled.
    pub(crate) leave_token: Option<Box<AckToken>>,
    /// Whether it waits for its finish, which goes out with it.
    pub(crate) is_held: bool,
    /// Whether it says that other spans are missing. It is no span of the program's, and not counted.
    pub(crate) is_notice: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// The encoded call, with the finish in it or without. Its bytes do not change from here on.
    Encoded {
        is_terminal: bool,
    },
    Accepted,
}

#[derive(Debug)]
pub(crate) struct PendingFinish {
    pub(crate) finish: SpanFinish,
    pub(crate) token: Option<AckToken>,
    pub(crate) attempt: Attempt,
    /// Whether it is among the calls that may be sent, or in a request.
    pub(crate) is_queued: bool,
    /// Whether it says `failed` for a span that was cancelled.
    pub(crate) stands_in_for_cancel: bool,
}

impl SpanEntry {
    pub(crate) fn new(start: SpanStart, token: Option<AckToken>) -> Self {
        Self {
            start,
            state: State::Waiting,
            create: Attempt::default(),
            token,
            finish: None,
            children: Vec::new(),
            named_parent: None,
            has_server_id: false,
            has_no_payload: false,
            is_start_alone: false,
            is_left_open: false,
            leave_token: None,
            is_held: false,
            is_notice: false,
        }
    }

    /// Another span in the place of one that was cleared.
    pub(crate) fn renew(&mut self, start: SpanStart, token: Option<AckToken>) {
        let create = std::mem::take(&mut self.create);
        *self = Self { create, ..Self::new(start, token) };
    }

    /// Lets go of all that it refers to.
    pub(crate) fn clear(&mut self) {
        self.start.payload = Payload::default();
        self.create.clear();
        self.finish = None;
        self.children = Vec::new();
    }

    /// A span that is accepted, and whose end is all that is left to say.
    pub(crate) fn accepted(instance: InstanceKey, key: SpanKey, at: Timestamp) -> Self {
        let start = SpanStart {
            instance,
            key,
            parent: None,
            schema_name: Cow::Borrowed(""),
            status: SpanStatus::Active,
            at,
            payload: Payload::default(),
        };
        Self { state: State::Accepted, ..Self::new(start, None) }
    }

    /// Whether it has no end, and this process has to give it one.
    pub(crate) fn is_open(&self) -> bool {
        self.finish.is_none() && !self.is_left_open
    }

    /// Whether all of it that is not settled is on disk.
    pub(crate) fn is_recorded(&self) -> bool {
        let finish = self.finish.as_ref().map(|finish| &finish.token);
        let is_recorded = |token: &AckToken| token.record().is_some();
        let is_whole = self.token.iter().chain(self.leave_token.as_deref()).all(is_recorded)
            && finish.is_none_or(|token| token.as_ref().is_some_and(is_recorded));
        is_whole || self.is_notice
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.state == State::Accepted
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.state == State::Encoded { is_terminal: true }
    }

    /// Whether the server may have one of its calls without having said so.
    pub(crate) fn may_have_arrived(&self) -> bool {
        let finish = self.finish.as_ref();
        self.create.may_be_on_server() || finish.is_some_and(|finish| finish.attempt.may_be_on_server())
    }

    /// Whether start and finish can go out as one: the API takes a span that is complete or failed from the beginning, and
    /// one that is cancelled where it never started.
    pub(crate) fn joinable_finish(&self) -> Option<&SpanFinish> {
        let finish = &self.finish.as_ref()?.finish;
        let joins = match self.start.status {
            SpanStatus::Active => matches!(finish.status, SpanStatus::Complete | SpanStatus::Failed),
            _ => finish.status == SpanStatus::Cancelled,
        };
        let joins = joins && !self.is_start_alone;
        joins.then_some(finish)
    }

    /// Repeats in the payload what a model call used, where start and finish go out as one: some readers look there only.
    pub(crate) fn copy_usage(&mut self) {
        if self.joinable_finish().is_some_and(|finish| finish.has_usage) {
            if let Some(finish) = &self.finish {
                self.start.payload.copy_member(&finish.finish.result, "token_usage");
            }
        }
    }

    /// A parent that was refused since, or an id that the API will not have, ask for other words.
    pub(crate) fn check_encoding(&mut self, parent: Option<SpanKey>, server_ids: bool) {
        // A span that was sent may exist already: sending it again without its id would create a second one.
        let has_server_id = if self.create.tries == 0 { server_ids } else { self.has_server_id };
        if self.named_parent != parent || self.has_server_id != has_server_id {
            self.reencode();
            self.named_parent = parent;
            self.has_server_id = has_server_id;
        }
    }

    /// Says its start anew, in other words.
    pub(crate) fn reencode(&mut self) {
        self.take_back();
        self.create.reencode();
        self.state = State::Waiting;
    }

    /// Says all that is left of it anew, to a server that does not know what was sent before.
    pub(crate) fn reencode_always(&mut self) {
        self.take_back();
        self.create.reencode_always();
        self.state = State::Waiting;
        if let Some(finish) = &mut self.finish {
            finish.take_back();
            finish.is_queued = false;
            finish.attempt.reencode_always();
        }
    }

    /// Its start, with its finish if both go as one, was encoded. The payloads are in the call from here on.
    pub(crate) fn encoded(&mut self, message: EncodedCall) {
        let is_terminal = self.joinable_finish().is_some();
        self.state = State::Encoded { is_terminal };
        self.create.message = Some(message);
        self.start.payload = Payload::default();
        if let Some(finish) = self.finish.as_mut().filter(|_| is_terminal) {
            finish.finish.result = Payload::default();
        }
    }

    /// Takes the payloads out of the call that was encoded, where they have been since.
    fn take_back(&mut self) {
        let is_terminal = self.is_terminal();
        let Some(message) = &self.create.message else { return };
        self.start.payload = message.payload();
        if let Some(finish) = self.finish.as_mut().filter(|_| is_terminal) {
            finish.finish.result = message.result();
        }
    }

    /// Leaves out what is large. `false` if that was done before.
    pub(crate) fn without_payload(&mut self) -> bool {
        if std::mem::replace(&mut self.has_no_payload, true) {
            return false;
        }
        if !self.is_accepted() {
            self.reencode();
        }
        self.start.payload = left_out(&self.start.payload);
        if let Some(finish) = &mut self.finish {
            finish.reencode();
            finish.finish.result = left_out(&finish.finish.result);
        }
        true
    }

    /// The API's documentation and its SDKs disagree on whether an active span may be cancelled. Where it is
    /// refused, the span goes out as failed and says why.
    pub(crate) fn fail_instead_of_cancel(&mut self) -> bool {
        let is_active = self.start.status == SpanStatus::Active;
        let Some(finish) = self.finish.as_mut() else { return false };
        if !is_active || finish.finish.status != SpanStatus::Cancelled {
            return false;
        }
        finish.reencode();
        finish.finish.status = SpanStatus::Failed;
        finish.finish.result.insert("error_type", "Cancelled");
        finish.stands_in_for_cancel = true;
        true
    }

    /// The API's description has spans that are made as cancelled, and the official Python SDK makes them pending first.
    pub(crate) fn make_pending_first(&mut self) {
        self.is_start_alone = true;
        self.reencode();
    }

    /// Leaves it to whoever reads it from disk.
    pub(crate) fn leave(&mut self, out: &mut ReadyQueue) {
        if !self.is_notice {
            out.counters.kept();
        }
        for token in self.take_tokens() {
            out.acks.leave(token);
        }
    }

    /// Gives back its acks, at its end.
    pub(crate) fn settle(&mut self, out: &mut ReadyQueue) {
        for token in self.take_tokens() {
            out.acks.resolve(token);
        }
    }

    fn take_tokens(&mut self) -> impl Iterator<Item = AckToken> + use<> {
        let finish = self.finish.as_mut().and_then(|finish| finish.token.take());
        [self.token.take(), self.leave_token.take().map(|token| *token), finish].into_iter().flatten()
    }
}

impl PendingFinish {
    pub(crate) fn new(finish: SpanFinish, token: Option<AckToken>) -> Self {
        let attempt = Attempt::default();
        Self { finish, token, attempt, is_queued: false, stands_in_for_cancel: false }
    }

    /// Says it anew, in other words.
    fn reencode(&mut self) {
        self.take_back();
        self.attempt.reencode();
    }

    /// As [`SpanEntry::take_back`].
    fn take_back(&mut self) {
        if let Some(message) = &self.attempt.message {
            self.finish.result = message.result();
        }
    }
}

fn left_out(payload: &Payload) -> Payload {
    let mut rest = Payload::default();
    if !payload.is_empty() {
        rest.insert("$left_out", "the API does not take a body of this size");
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred thousand of them wait for a server that is down.
    #[test]
    fn entry_of_a_span_that_waits_takes_no_room_for_its_tries() {
        assert!(size_of::<SpanEntry>() <= 400, "{}", size_of::<SpanEntry>());
        assert_eq!(size_of::<Attempt>(), size_of::<usize>());
    }
}
