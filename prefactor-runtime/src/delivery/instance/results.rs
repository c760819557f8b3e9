//! Carries out the decision about a call of an instance.

use crate::delivery::instance::key_map::remember;
use crate::delivery::instance::state::{InstanceDelivery, TypesSent, Watch};
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::decision::{Action, Facts, Loss, Via, Word, decide};
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::stored::Mark;
use crate::operation::{Account, SpanKey};
use crate::platform::internal_log::FaultKind;
use crate::platform::untrusted_text::untrusted;
use crate::types::pfid::Pfid;
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};
use crate::types::status::SpanStatus;
use crate::wire::ResponseBody;

/// How often a caller's run is looked for: for about a minute.
const MAX_LOOKUPS: u32 = 16;
/// Characters of the server's code that a log line quotes.
const MAX_CODE_CHARACTERS: usize = 60;
/// Characters of an error's message that are logged.
const MAX_MESSAGE_CHARACTERS: usize = 300;

/// The effect of a result beyond its instance.
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
    /// Carries out what the API's word means for a call, and says what follows for others.
    #[expect(clippy::too_many_arguments, reason = "what was sent, how, and what came back")]
    pub(crate) fn settle(
        &mut self,
        call: ApiCall,
        via: Via,
        status: Option<u16>,
        word: Word,
        body: &ResponseBody<'_>,
        account: &Account,
        out: &mut ReadyQueue,
    ) -> Effect {
        // What the API has taken is accepted whatever the facts are: that is most of what is settled.
        let action = match word {
            Word::Done => Action::Accept,
            word => decide(word, call.kind(), &self.facts(call, via, word, out)),
        };
        if matches!(action, Action::Accept | Action::AcceptServerId) {
            return self.accepted(call, via, action, body, account, out);
        }
        self.carry_out(action, call, via, status, body, out)
    }

    fn facts(&mut self, call: ApiCall, via: Via, word: Word, out: &mut ReadyQueue) -> Facts {
        let is_repeat = self.attempt(call).is_some_and(|attempt| attempt.is_repeat());
        let entry = match call {
            ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) => self.spans.get(&key),
            _ => None,
        };
        let finish =
            entry.and_then(|entry| entry.finish.as_ref()).filter(|_| matches!(call, ApiCall::FinishSpan(_)));
        // A server that starts anew may do so before it has taken anything of the run.
        let is_first_time = !self.was_registered_anew && !self.registration.is_joined();
        let is_cancel = finish.is_some_and(|finish| finish.finish.status == SpanStatus::Cancelled);
        Facts {
            via,
            is_repeat,
            is_confirmed: out.confirmed_error == Some(word),
            is_created_cancelled: matches!(call, ApiCall::CreateSpan(_))
                && entry
                    .is_some_and(|entry| entry.start.status == SpanStatus::Pending && entry.is_terminal()),
            is_cancel: is_cancel && entry.is_some_and(|entry| entry.start.status == SpanStatus::Active),
            has_payload: entry.is_some_and(|entry| !entry.has_no_payload),
            has_client_id: entry.is_some_and(|entry| !entry.has_server_id),
            is_second_rename: word == Word::DoneUnderOtherId && out.capabilities.rename(),
            may_register_anew: self.may_register_anew
                || is_first_time && matches!(call, ApiCall::CreateSpan(_)),
            are_ids_taken: self.are_ids_taken,
            is_joined: self.registration.is_joined(),
            has_types: matches!(self.types, TypesSent::Sent(_)),
            bulk: out.capabilities.support(call.in_bulk()),
            client_ids: out.capabilities.support(Capability::ClientIds),
        }
    }

    fn accepted(
        &mut self,
        call: ApiCall,
        via: Via,
        action: Action,
        body: &ResponseBody<'_>,
        account: &Account,
        out: &mut ReadyQueue,
    ) -> Effect {
        self.watch.has_heard = true;
        // The server knows the run now. If it forgets the run later, the run is registered again.
        self.may_register_anew |= call != ApiCall::Register && !self.registration.is_joined();
        if let Some(terminated) = &body.terminate {
            self.registration.terminate(terminated.clone());
        }
        self.judge_bulk(call, via, true, out);
        match call {
            ApiCall::Register => {
                let Some(id) = &body.id else { return Effect::Settled };
                let partition = self.registered(id.to_string(), account, out);
                return Effect::Registered { partition };
            }
            ApiCall::Start => {
                if !std::mem::replace(&mut self.is_start_counted, true) {
                    out.counters.run(RunEvent::Started);
                }
                self.started(out);
            }
            ApiCall::Finish => self.finished(RunEvent::Finished, out),
            ApiCall::Note(number) => self.note_settled(number, RunCallEvent::Acknowledged, out),
            ApiCall::CreateSpan(key) => {
                match &body.id {
                    Some(id) if action == Action::AcceptServerId => {
                        let instance = self.key();
                        out.note(instance.origin().0, || Mark::Renamed { instance, key, id: id.to_string() });
                        remember(&mut self.renamed, key, id.to_string());
                        self.name_anew(key);
                        out.disable(Capability::ClientIds);
                    }
                    Some(_) => {
                        out.capabilities.client_id_confirmed();
                        self.are_ids_taken = true;
                    }
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

    /// Encodes the calls again that name a span by a wrong id: its finish and its children, which wait for it.
    fn name_anew(&mut self, key: SpanKey) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        if let Some(finish) = &mut entry.finish {
            finish.attempt.reencode();
        }
        for child in entry.children.clone() {
            if let Some(child) = self.spans.get_mut(&child).filter(|child| !child.is_accepted()) {
                child.reencode();
            }
        }
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
        // A registration names no other object, so that a wrong path is as likely.
        let cure = match (call, status) {
            (ApiCall::Register, Some(404)) => {
                ": check the path of PREFACTOR_API_URL, which is an address such as https://app.prefactorai.com, and \
                 PREFACTOR_AGENT_ID, if it is set"
            }
            _ => "",
        };
        let status = status.map_or_else(String::new, |status| format!("HTTP {status} "));
        out.log(FaultKind::Refused, format!("the API refused {what} ({status}{code}){cure}"));
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
            ApiCall::Note(number) => self.note_settled(number, RunCallEvent::Lost, out),
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
            ApiCall::Note(number) => {
                let event = if is_refused { RunCallEvent::Lost } else { RunCallEvent::Unknown };
                self.note_settled(number, event, out);
            }
            ApiCall::Poll => self.poll_lost(),
        }
    }

    /// Draws the conclusion for bulk requests from the outcome of a span's call: an item that passes there confirms
    /// them, and one that passes only alone, after it was refused there, disproves them.
    fn judge_bulk(&mut self, call: ApiCall, via: Via, is_accepted: bool, out: &mut ReadyQueue) {
        if !call.is_span() {
            return;
        }
        match via {
            Via::Bulk if is_accepted => out.capabilities.confirm(call.in_bulk()),
            Via::Single if self.attempt(call).is_some_and(|attempt| attempt.is_alone) => {
                // It was suspected. An item that was too large there says nothing of others.
                if is_accepted && !out.capabilities.is_supported(call.in_bulk()) {
                    out.disable(call.in_bulk());
                } else {
                    out.capabilities.confirm(call.in_bulk());
                }
            }
            Via::Bulk | Via::Single => {}
        }
    }
}
