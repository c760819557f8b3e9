//! One span in its instance.

use std::borrow::Cow;

use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::Attempt;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::types::status::SpanStatus;

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
    /// Whether a span that was cancelled before its start is made pending first, because the API refused it otherwise.
    pub(crate) is_pending_first: bool,
    /// Whether another process will end it: its start is all that is delivered here.
    pub(crate) is_left_open: bool,
    /// Whether it waits for its finish, which goes out with it.
    pub(crate) is_held: bool,
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
    pub(crate) fn new(start: SpanStart, token: AckToken) -> Self {
        Self {
            start,
            state: State::Waiting,
            create: Attempt::default(),
            token: Some(token),
            finish: None,
            children: Vec::new(),
            named_parent: None,
            has_server_id: false,
            has_no_payload: false,
            is_pending_first: false,
            is_left_open: false,
            is_held: false,
        }
    }

    /// A span that another process has started, and this one ends.
    pub(crate) fn of_another(finish: &SpanFinish) -> Self {
        let start = SpanStart {
            instance: finish.instance,
            key: finish.key,
            parent: None,
            schema_name: Cow::Borrowed(""),
            status: SpanStatus::Active,
            at: finish.at,
            payload: Payload::default(),
        };
        Self {
            start,
            state: State::Accepted,
            create: Attempt::default(),
            token: None,
            finish: None,
            children: Vec::new(),
            named_parent: None,
            has_server_id: false,
            has_no_payload: false,
            is_pending_first: false,
            is_left_open: false,
            is_held: false,
        }
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
            _ => finish.status == SpanStatus::Cancelled && !self.is_pending_first,
        };
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
        // A span that was sent may exist already. A repeat without its id would create a second one.
        let has_server_id = if self.create.tries == 0 { server_ids } else { self.has_server_id };
        if self.named_parent != parent || self.has_server_id != has_server_id {
            self.reencode();
            self.named_parent = parent;
            self.has_server_id = has_server_id;
        }
    }

    /// Says its start anew, in other words.
    pub(crate) fn reencode(&mut self) {
        self.create.reencode();
        self.state = State::Waiting;
    }

    /// Leaves out what is large. `false` if that was done before.
    pub(crate) fn without_payload(&mut self) -> bool {
        if std::mem::replace(&mut self.has_no_payload, true) {
            return false;
        }
        self.start.payload = left_out(&self.start.payload);
        if let Some(finish) = &mut self.finish {
            finish.finish.result = left_out(&finish.finish.result);
            finish.attempt.reencode();
        }
        if !self.is_accepted() {
            self.reencode();
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
        finish.finish.status = SpanStatus::Failed;
        finish.finish.result.insert("error_type", "Cancelled");
        finish.stands_in_for_cancel = true;
        finish.attempt.reencode();
        true
    }

    /// The API's description has spans that are made as cancelled, and the official Python SDK makes them pending first.
    pub(crate) fn make_pending_first(&mut self) {
        self.is_pending_first = true;
        self.reencode();
    }

    /// Gives back its acks, at its end.
    pub(crate) fn settle(&mut self, out: &mut ReadyQueue) {
        let finish = self.finish.as_mut().and_then(|finish| finish.token.take());
        for token in self.token.take().into_iter().chain(finish) {
            out.acks.resolve(token);
        }
    }
}

impl PendingFinish {
    pub(crate) fn new(finish: SpanFinish, token: Option<AckToken>) -> Self {
        let attempt = Attempt::default();
        Self { finish, token, attempt, is_queued: false, stands_in_for_cancel: false }
    }
}

fn left_out(payload: &Payload) -> Payload {
    let mut rest = Payload::default();
    if !payload.is_empty() {
        rest.insert("$left_out", "the API does not take a body of this size");
    }
    rest
}
