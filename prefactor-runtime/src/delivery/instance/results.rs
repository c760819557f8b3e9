//! What came of an instance's calls, and what follows for the others.

use std::time::Duration;

use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::span::State;
use crate::delivery::instance::state::{InstanceDelivery, MAX_REMEMBERED, Phase, TypesSent, Watch};
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::decision::{Action, Facts, Loss, Via, Word, decide};
use crate::delivery::schedule::acks::AckToken;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::{Mark, Sent};
use crate::operation::{Account, SpanKey};
use crate::payload::Payload;
use crate::platform::internal_log::FaultKind;
use crate::platform::untrusted_text::untrusted;
use crate::types::pfid::Pfid;
use crate::types::stats::{DropReason, RunEvent};
use crate::types::status::SpanStatus;
use crate::wire::ResponseBody;

/// Polls in a row that may be refused before no more are made.
const MAX_POLL_REFUSALS: u32 = 3;
/// How often a caller's run is looked for: for about a minute.
const MAX_LOOKUPS: u32 = 16;
/// Characters of the server's code that a log line quotes.
const MAX_CODE_CHARACTERS: usize = 60;

/// Characters of an error's message that are logged.
const MAX_MESSAGE_CHARACTERS: usize = 300;
/// Characters of a time, down to the second, by which two spellings of it are compared.
const SECONDS: usize = "2026-01-31T12:00:00".len();

/// What follows for others than the instance itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Settled,
    /// The run is registered, with an id of that partition.
    Registered {
        partition: Option<Pfid>,
    },
    /// Nothing may be sent for a while, then the call again.
    OpenCircuit,
    /// The call goes again, over a new connection.
    Reset,
    /// The caller's run is not registered yet: it is looked for again after a while.
    LookAgain,
    /// The server does not know the run.
    RunForgotten,
}

impl InstanceDelivery {
    /// What a success says of a call, or `None` where it does not name what was sent.
    pub(crate) fn word_of_success(&self, call: ApiCall, via: Via, body: &ResponseBody<'_>) -> Option<Word> {
        let id = body.id.as_deref();
        match call {
            ApiCall::Register => {
                let mark = body.external_identifier.as_deref();
                let is_ours = mark.is_none_or(|mark| mark == self.registration.external_identifier());
                (id.is_some() && is_ours).then_some(Word::Done)
            }
            ApiCall::Start | ApiCall::Finish | ApiCall::Poll => {
                (id.is_some() && id == self.id()).then_some(Word::Done)
            }
            // An alert is an object of its own, which names the run.
            ApiCall::Note(_) => {
                let names = [id, body.instance_id.as_deref()];
                names.into_iter().flatten().any(|name| Some(name) == self.id()).then_some(Word::Done)
            }
            ApiCall::CreateSpan(key) => match id {
                // The key of an output names the item.
                None => (via == Via::Bulk).then_some(Word::Done),
                Some(id) if self.span_id(key).is(id) => Some(Word::Done),
                Some(id) => self.is_renamed(key, id, via, body).then_some(Word::DoneUnderOtherId),
            },
            ApiCall::FinishSpan(key) => {
                let is_named = id.is_some_and(|id| match self.renamed.get(&key) {
                    Some(renamed) => renamed == id,
                    None => self.span_id(key).is(id),
                });
                (is_named || via == Via::Bulk).then_some(Word::Done)
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

    /// Carries out what the API's word means for a call, and says what follows for others.
    #[expect(clippy::too_many_arguments, reason = "what was sent, how, and what came back")]
    pub(crate) fn settle(
        &mut self,
        call: ApiCall,
        via: Via,
        status: Option<u16>,
        word: Word,
        body: ResponseBody<'_>,
        account: &Account,
        out: &mut ReadyQueue,
    ) -> Effect {
        let facts = self.facts(call, via, word, out);
        let action = decide(word, call.kind(), &facts);
        if matches!(action, Action::Accept | Action::AcceptServerId) {
            return self.accepted(call, via, action, body, account, out);
        }
        self.carry_out(action, call, via, status, &body, out)
    }

    fn facts(&mut self, call: ApiCall, via: Via, word: Word, out: &mut ReadyQueue) -> Facts {
        let is_repeat = self.attempt(call).is_some_and(|attempt| attempt.tries > 1);
        let entry = match call {
            ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) => self.spans.get(&key),
            _ => None,
        };
        let finish =
            entry.and_then(|entry| entry.finish.as_ref()).filter(|_| matches!(call, ApiCall::FinishSpan(_)));
        let is_cancel = finish.is_some_and(|finish| finish.finish.status == SpanStatus::Cancelled);
        Facts {
            via,
            is_repeat,
            is_created_cancelled: matches!(call, ApiCall::CreateSpan(_))
                && entry
                    .is_some_and(|entry| entry.start.status == SpanStatus::Pending && entry.is_terminal()),
            is_cancel: is_cancel && entry.is_some_and(|entry| entry.start.status == SpanStatus::Active),
            has_payload: entry.is_some_and(|entry| !entry.has_no_payload),
            has_client_id: entry.is_some_and(|entry| !entry.has_server_id),
            is_second_rename: word == Word::DoneUnderOtherId && out.capabilities.rename(),
            may_register_anew: self.may_register_anew,
            is_joined: self.registration.is_joined(),
            has_types: self.types == TypesSent::Sent,
            bulk: out.capabilities.support(call.in_bulk()),
            client_ids: out.capabilities.support(Capability::ClientIds),
        }
    }

    fn accepted(
        &mut self,
        call: ApiCall,
        via: Via,
        action: Action,
        body: ResponseBody<'_>,
        account: &Account,
        out: &mut ReadyQueue,
    ) -> Effect {
        self.watch.has_heard = true;
        // Its server knows the run: should it forget it, the run is registered again.
        self.may_register_anew |= call != ApiCall::Register && !self.registration.is_joined();
        if let Some(terminated) = body.terminate {
            self.registration.terminate(terminated);
        }
        self.judge_bulk(call, via, true, out);
        match call {
            ApiCall::Register => {
                let Some(id) = body.id else { return Effect::Settled };
                return self.registered(id.into_owned(), account, out);
            }
            ApiCall::Start => {
                if !std::mem::replace(&mut self.is_start_counted, true) {
                    out.counters.run(RunEvent::Started);
                }
                self.started(out);
            }
            ApiCall::Finish => self.finished(RunEvent::Finished, out),
            ApiCall::Note(number) => self.note_settled(number, out),
            ApiCall::CreateSpan(key) => {
                match body.id {
                    Some(id) if action == Action::AcceptServerId => {
                        let instance = self.key();
                        out.note(instance.origin().0, || Mark::Renamed { instance, key, id: id.to_string() });
                        remember(&mut self.renamed, key, id.into_owned());
                        out.disable(Capability::ClientIds);
                    }
                    Some(_) => out.capabilities.client_id_confirmed(),
                    None => {}
                }
                let entry = self.spans.get(&key);
                if entry
                    .is_some_and(|entry| entry.is_start_alone && entry.start.status == SpanStatus::Pending)
                {
                    out.disable(Capability::CreateCancelled);
                }
                self.span_created(key, out);
            }
            ApiCall::FinishSpan(key) => {
                let finish = self.spans.get(&key).and_then(|entry| entry.finish.as_ref());
                if finish.is_some_and(|finish| finish.stands_in_for_cancel) {
                    out.disable(Capability::Cancel);
                }
                self.span_acknowledged(key, out);
            }
            ApiCall::Poll => self.watch = Watch { has_heard: true, ..Default::default() },
        }
        Effect::Settled
    }

    fn carry_out(
        &mut self,
        action: Action,
        call: ApiCall,
        via: Via,
        status: Option<u16>,
        body: &ResponseBody<'_>,
        out: &mut ReadyQueue,
    ) -> Effect {
        match action {
            Action::Accept | Action::AcceptServerId => {}
            Action::OpenCircuit => return Effect::OpenCircuit,
            Action::RepeatToConfirm => return Effect::Reset,
            Action::LookAgain if self.registering.tries < MAX_LOOKUPS => return Effect::LookAgain,
            Action::LookAgain => self.drop_call(call, Loss::Rejected, out),
            Action::RegisterAnew => return Effect::RunForgotten,
            Action::WithoutTypes => self.register_without_types(status, body, out),
            Action::Ignore => self.poll_refused(status),
            Action::SendAlone | Action::LeaveBulk => {
                if action == Action::LeaveBulk {
                    out.disable(call.in_bulk());
                } else {
                    out.capabilities.suspect(call.in_bulk());
                }
                if let Some(attempt) = self.attempt(call) {
                    attempt.is_alone = true;
                }
                out.ready_again(self.key(), call);
            }
            Action::WithoutPayload
            | Action::WithServerId
            | Action::FailInsteadOfCancel
            | Action::PendingFirst => {
                let (ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key)) = call else {
                    return Effect::Settled;
                };
                if let Some(entry) = self.spans.get_mut(&key) {
                    match action {
                        Action::WithoutPayload => drop(entry.without_payload()),
                        Action::WithServerId => {
                            entry.reencode();
                            entry.has_server_id = true;
                            out.disable(Capability::ClientIds);
                        }
                        Action::PendingFirst => entry.make_pending_first(),
                        _ => drop(entry.fail_instead_of_cancel()),
                    }
                }
                out.ready_again(self.key(), call);
            }
            Action::GoOn => {
                Self::log_refusal(call, status, body, out);
                self.started(out);
            }
            Action::DropRun => {
                out.log(FaultKind::Refused, "the API forbids an agent instance: its spans are dropped");
                self.refuse(DropReason::Auth, out);
            }
            Action::Drop(loss) => {
                self.judge_bulk(call, via, false, out);
                Self::log_refusal(call, status, body, out);
                self.drop_call(call, loss, out);
            }
        }
        Effect::Settled
    }

    /// Registers the run without a word of the types of its spans: the spans are worth more.
    fn register_without_types(&mut self, status: Option<u16>, body: &ResponseBody<'_>, out: &mut ReadyQueue) {
        let code = untrusted(body.code.as_deref().unwrap_or_default(), MAX_CODE_CHARACTERS);
        let message = untrusted(body.message.as_deref().unwrap_or("no reason"), MAX_MESSAGE_CHARACTERS);
        let status = status.map_or_else(String::new, |status| format!("HTTP {status} "));
        out.log(
            FaultKind::Fallback,
            format!(
                "the API refused the schemas of the agent's spans ({status}{code}: {message}): runs are registered without \
                 them, so correct what ClientBuilder::schemas or #[span] says"
            ),
        );
        self.types = TypesSent::Refused;
        self.registering.reencode();
        out.ready_again(self.key(), ApiCall::Register);
    }

    fn log_refusal(call: ApiCall, status: Option<u16>, body: &ResponseBody<'_>, out: &mut ReadyQueue) {
        let what = match call {
            ApiCall::Register => "the registration of an agent instance, and with it all its spans",
            ApiCall::Start => "the start of an agent instance",
            ApiCall::Finish => "the finish of an agent instance",
            ApiCall::CreateSpan(_) | ApiCall::Poll => "a span",
            ApiCall::FinishSpan(_) => "the finish of a span",
            ApiCall::Note(_) => "quality, an alert or the termination of an agent instance",
        };
        let code = untrusted(body.code.as_deref().unwrap_or_default(), MAX_CODE_CHARACTERS);
        let status = status.map_or_else(String::new, |status| format!("HTTP {status} "));
        out.log(FaultKind::Refused, format!("the API refused {what} ({status}{code})"));
    }

    /// Drops a call that the API refused, and what cannot be without it.
    fn drop_call(&mut self, call: ApiCall, loss: Loss, out: &mut ReadyQueue) {
        let reason = match loss {
            Loss::Rejected => DropReason::Rejected,
            Loss::TooLarge => DropReason::TooLarge,
        };
        match call {
            ApiCall::Register => self.refuse(DropReason::DependencyRejected, out),
            ApiCall::Start => self.started(out),
            ApiCall::Finish => self.finished(RunEvent::Lost, out),
            ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) => self.remove_span(key, Some(reason), out),
            ApiCall::Note(number) => self.note_settled(number, out),
            ApiCall::Poll => self.poll_lost(),
        }
    }

    /// Gives up a call that met too many faults alone. What was sent may be on the server, so that a span counts as unknown,
    /// unless the errors were the API's own.
    pub(crate) fn give_up_call(&mut self, call: ApiCall, is_refused: bool, out: &mut ReadyQueue) {
        out.log(
            FaultKind::Refused,
            "a call got no valid response five times while others did: it is given up and counted",
        );
        match call {
            ApiCall::Register => {
                self.refuse(
                    if is_refused { DropReason::DependencyRejected } else { DropReason::Protocol },
                    out,
                );
            }
            ApiCall::Start => self.started(out),
            ApiCall::Finish => self.finished(RunEvent::Unknown, out),
            ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) => {
                self.remove_span(key, is_refused.then_some(DropReason::Rejected), out);
            }
            ApiCall::Note(number) => self.note_settled(number, out),
            ApiCall::Poll => self.poll_lost(),
        }
    }

    /// Registers the run with a server that does not know it. Spans that the server before had accepted are lost with it;
    /// those on their way are sent to this one.
    pub(crate) fn register_anew(&mut self, out: &mut ReadyQueue) {
        self.may_register_anew = false;
        self.phase = Phase::Registering;
        self.api_id = None;
        self.registering.reencode_always();
        self.starting.reencode_always();
        let accepted: Vec<_> =
            self.spans.iter().filter(|(_, entry)| entry.is_accepted()).map(|(key, _)| *key).collect();
        for key in accepted {
            let parent = self.spans.get(&key).and_then(|entry| entry.start.parent);
            self.remove_span(key, Some(DropReason::DependencyRejected), out);
            remember(&mut self.refused, key, parent);
        }
        let waiting = self.spans.iter().filter(|(_, entry)| !entry.is_held);
        let mut waiting: Vec<_> = waiting.map(|(key, _)| *key).collect();
        // Keys begin with their time: a parent stays before its children.
        waiting.sort_unstable();
        self.blocked.clear();
        for key in waiting {
            let parent = self.spans.get(&key).and_then(|entry| entry.start.parent);
            let is_child = parent.is_some_and(|parent| self.spans.contains_key(&parent));
            let Some(entry) = self.spans.get_mut(&key) else { continue };
            entry.create.reencode_always();
            entry.state = State::Waiting;
            if let Some(finish) = &mut entry.finish {
                finish.is_queued = false;
                finish.attempt.reencode_always();
            }
            if let (true, Some(parent)) = (is_child, parent) {
                let parent = self.spans.get_mut(&parent);
                parent
                    .filter(|parent| !parent.children.contains(&key))
                    .into_iter()
                    .for_each(|parent| parent.children.push(key));
            } else {
                self.blocked.push(ApiCall::CreateSpan(key));
            }
        }
        for (number, entry) in &mut self.notes {
            entry.attempt.reencode_always();
            self.blocked.push(ApiCall::Note(*number));
        }
        self.register.get_or_insert_with(|| out.acks.open(None));
        self.start.get_or_insert_with(|| (self.started_at, out.acks.open(None)));
        out.ready(self.key(), ApiCall::Register);
    }

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

    /// Whether to ask now if the instance was terminated. To be asked once a round.
    pub(crate) fn wants_poll(&mut self) -> bool {
        let has_heard = std::mem::take(&mut self.watch.has_heard);
        let wants = self.phase == Phase::Active
            && !self.is_finish_requested
            && !has_heard
            && !self.watch.is_asking
            && self.watch.refusals < MAX_POLL_REFUSALS
            && self.registration.is_watched();
        self.watch.is_asking |= wants;
        wants
    }

    /// A response told of a termination without saying whose: the next round asks.
    pub(crate) fn has_not_heard(&mut self) {
        self.watch.has_heard = false;
    }

    fn refuse(&mut self, reason: DropReason, out: &mut ReadyQueue) {
        self.give_up(reason, out);
        self.phase = Phase::Refused(reason);
    }

    /// A poll without a response.
    pub(crate) fn poll_lost(&mut self) {
        self.watch.is_asking = false;
    }

    fn poll_refused(&mut self, status: Option<u16>) {
        self.poll_lost();
        self.watch.refusals += u32::from(matches!(status, Some(401 | 403)));
    }

    /// What the outcome of a span's call says of bulk requests: an item that passes there confirms them, and one that
    /// passes only alone, after it was refused there, disproves them.
    fn judge_bulk(&mut self, call: ApiCall, via: Via, is_accepted: bool, out: &mut ReadyQueue) {
        if !call.is_span() {
            return;
        }
        let was_suspected = self.attempt(call).is_some_and(|attempt| attempt.is_alone);
        match via {
            Via::Bulk if is_accepted => out.capabilities.confirm(call.in_bulk()),
            Via::Single if was_suspected && is_accepted => out.disable(call.in_bulk()),
            Via::Single if was_suspected => out.capabilities.confirm(call.in_bulk()),
            Via::Bulk | Via::Single => {}
        }
    }

    /// Takes over the run of a caller in another process, which is registered and started there.
    pub(super) fn joined(&mut self, id: String, out: &mut ReadyQueue) {
        self.partition = id.parse().map_or(0, |id: Pfid| id.partition());
        self.registration.registered(id.clone());
        self.api_id = Some(id);
        self.register.take().into_iter().for_each(|token| out.acks.resolve(token));
        self.started(out);
    }

    /// After how long a caller's run is looked for again.
    pub(crate) fn next_lookup(&self) -> Duration {
        Duration::from_millis(50 << self.registering.tries.min(7))
    }

    fn registered(&mut self, id: String, account: &Account, out: &mut ReadyQueue) -> Effect {
        let partition = id.parse().ok();
        if self.registration.is_joined() {
            self.joined(id, out);
            return Effect::Registered { partition };
        }
        self.partition = partition.map_or(account.provisional_partition(), |id: Pfid| id.partition());
        if self.registration.id().is_none() {
            out.counters.run(RunEvent::Registered);
        }
        self.registration.registered(id.clone());
        let instance = self.key();
        out.note(instance.origin().0, || Mark::Registered { instance, id: id.clone() });
        self.api_id = Some(id);
        self.phase = Phase::Registered;
        self.register.take().into_iter().for_each(|token| out.acks.resolve(token));
        if self.start.is_some() {
            out.ready(self.key(), ApiCall::Start);
        }
        self.try_finish(out);
        Effect::Registered { partition }
    }

    /// The start is accepted, or refused: nothing depends on which, for spans are accepted in any phase of their run.
    fn started(&mut self, out: &mut ReadyQueue) {
        self.phase = Phase::Active;
        if let Some((at, token)) = self.start.take() {
            self.started_at = at;
            out.acks.resolve(token);
        }
        for call in std::mem::take(&mut self.blocked) {
            out.ready(self.key(), call);
        }
        self.try_finish(out);
    }

    fn finished(&mut self, event: RunEvent, out: &mut ReadyQueue) {
        self.settle_run(event, out);
        self.finish.take().into_iter().for_each(|finish| out.acks.resolve(finish.token));
    }

    fn span_created(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        let is_terminal = entry.is_terminal() || entry.is_left_open;
        entry.state = State::Accepted;
        entry.start.payload = Payload::default();
        entry.create = Attempt::default();
        let tokens = [entry.token.take(), entry.leave_token.take()];
        tokens.into_iter().flatten().for_each(|token| out.acks.resolve(token));
        let children = std::mem::take(&mut entry.children);
        self.unsettled -= 1;
        for child in children {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        if is_terminal {
            self.span_acknowledged(key, out);
        } else {
            self.finish_ready(key, out);
        }
        self.try_finish(out);
    }

    pub(super) fn span_acknowledged(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        if let Some(mut entry) = self.spans.remove(&key) {
            out.counters.acknowledged();
            self.unsettled -= 1;
            entry.settle(out);
        }
        self.try_finish(out);
    }

    /// Settles a span that is not acknowledged: dropped for that reason, or with an unknown outcome.
    fn remove_span(&mut self, key: SpanKey, reason: Option<DropReason>, out: &mut ReadyQueue) {
        let Some(mut entry) = self.spans.remove(&key) else { return };
        match reason {
            Some(reason) => out.counters.dropped(reason),
            None => out.counters.unknown(),
        }
        self.unsettled -=
            usize::from(!entry.is_accepted()) + usize::from(entry.finish.is_some() || entry.is_left_open);
        if !entry.is_accepted() {
            let (instance, parent) = (self.key(), entry.start.parent);
            out.note(instance.origin().0, || Mark::Refused { instance, key, parent });
            remember(&mut self.refused, key, parent);
        }
        for child in std::mem::take(&mut entry.children) {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        entry.settle(out);
        self.try_finish(out);
    }
}

fn remember<T>(memory: &mut KeyMap<SpanKey, T>, key: SpanKey, value: T) {
    if memory.len() >= MAX_REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}
