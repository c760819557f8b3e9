//! What came of a lane's calls, and what follows for the others.

use std::borrow::Cow;

use crate::delivery::instance::Lane;
use crate::delivery::instance::MAX_REMEMBERED;
use crate::delivery::instance::Phase;
use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::span::State;
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::api_call::{Attempt, Call};
use crate::delivery::schedule::ready::Outbox;
use crate::operation::{Account, SpanKey};
use crate::payload::Payload;
use crate::platform::internal_log::FaultKind;
use crate::types::stats::DropReason;
use crate::wire::Body;

/// Polls in a row that may be refused before no more are made.
const MAX_POLL_REFUSALS: u32 = 3;

/// How a refusal was said: with an HTTP status, or by an item of a bulk answer, which has only a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Alone(u16),
    InBulk,
}

impl Lane {
    pub(crate) fn accepted(
        &mut self,
        call: Call,
        said: Said,
        body: Body<'_>,
        account: &Account,
        out: &mut Outbox,
    ) {
        self.watch.has_heard = true;
        if let Some(terminated) = body.terminate {
            self.registration.terminate(terminated);
        }
        self.judge_capability(call, said, true, out);
        match call {
            Call::Register => self.registered(body.id.map(Cow::into_owned), account, out),
            Call::Start => self.started(out),
            Call::Finish => self.finished(out),
            Call::CreateSpan(key) => {
                match body.id {
                    Some(id) if !account.span_id(key).is(&id) => {
                        remember(&mut self.renamed, key, id.into_owned());
                        out.lose(Capability::ClientIds);
                    }
                    _ => out.capabilities.prove(Capability::ClientIds),
                }
                self.span_created(key, out);
            }
            Call::FinishSpan(key) => {
                let finish = self.spans.get(&key).and_then(|entry| entry.finish.as_ref());
                if finish.is_some_and(|finish| finish.stands_in_for_cancel) {
                    out.lose(Capability::Cancel);
                }
                self.span_acknowledged(key, out);
            }
            Call::Poll => {
                self.watch = crate::delivery::instance::Watch { has_heard: true, ..Default::default() }
            }
        }
    }

    /// The API will not have a call: there may be another way, and if not, it costs that call.
    pub(crate) fn refused(&mut self, call: Call, said: Said, body: &Body<'_>, out: &mut Outbox) {
        let code = body.code.as_deref().unwrap_or_default();
        if call == Call::Poll {
            return self.poll_refused(said);
        }
        if is_forbidden(call, said, code) {
            out.log(FaultKind::Refused, "the API forbids an agent instance: its spans are dropped");
            return self.refuse(DropReason::Auth, out);
        }
        if self.is_settled_already(call, said, code) {
            self.judge_capability(call, said, true, out);
            return match call {
                Call::CreateSpan(key) => self.span_created(key, out),
                Call::FinishSpan(key) => self.span_acknowledged(key, out),
                _ => self.settle_instance_call(call, out),
            };
        }
        if self.has_another_way(call, said, body, out) {
            return out.ready_again(self.key(), call);
        }
        self.judge_capability(call, said, false, out);
        let what = match call {
            Call::Register => "the registration of an agent instance, and with it all its spans",
            Call::Start => "the start of an agent instance",
            Call::Finish => "the finish of an agent instance",
            Call::CreateSpan(_) | Call::Poll => "a span",
            Call::FinishSpan(_) => "the finish of a span",
        };
        let reason = if said == Said::Alone(413) { DropReason::TooLarge } else { DropReason::Rejected };
        self.abandon(call, reason, out);
        let status = if let Said::Alone(status) = said { format!("HTTP {status} ") } else { String::new() };
        out.log(FaultKind::Refused, format!("the API refused {what} ({status}{})", printable(code)));
    }

    /// Gives a call up, and what cannot be without it.
    pub(crate) fn abandon(&mut self, call: Call, reason: DropReason, out: &mut Outbox) {
        match call {
            Call::Register if reason == DropReason::Rejected => {
                self.refuse(DropReason::DependencyRejected, out);
            }
            Call::Register => self.refuse(reason, out),
            Call::Start | Call::Finish => self.settle_instance_call(call, out),
            Call::CreateSpan(key) | Call::FinishSpan(key) => self.drop_span(key, reason, out),
            Call::Poll => self.poll_lost(),
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

    /// An answer told of a termination without saying whose: it is asked for at the next round.
    pub(crate) fn has_not_heard(&mut self) {
        self.watch.has_heard = false;
    }

    fn refuse(&mut self, reason: DropReason, out: &mut Outbox) {
        self.give_up(reason, out);
        self.phase = Phase::Refused(reason);
    }

    /// A poll without an answer.
    pub(crate) fn poll_lost(&mut self) {
        self.watch.is_asking = false;
    }

    fn poll_refused(&mut self, said: Said) {
        self.poll_lost();
        self.watch.refusals += u32::from(matches!(said, Said::Alone(401 | 403)));
    }

    /// Whether what was asked for had happened before.
    fn is_settled_already(&mut self, call: Call, said: Said, code: &str) -> bool {
        let is_conflict = match said {
            Said::Alone(status) => status == 409,
            Said::InBulk => matches!(code, "conflict" | "invalid_action"),
        };
        let is_repeat = self.attempt(call).is_some_and(|attempt| attempt.tries > 1);
        match call {
            Call::Start | Call::Finish => is_conflict,
            // The first try was applied, and only its answer was lost.
            Call::CreateSpan(_) => is_conflict && is_repeat,
            Call::FinishSpan(key) => {
                let finish = self.spans.get(&key).and_then(|entry| entry.finish.as_ref());
                let may_be_the_transition = finish.is_some_and(|finish| {
                    finish.finish.status == crate::types::status::SpanStatus::Cancelled && !is_repeat
                });
                is_conflict && code == "invalid_action" && !may_be_the_transition
            }
            Call::Register | Call::Poll => false,
        }
    }

    /// Finds other words for a call that was refused, or another way to say it. `false` where there are none.
    fn has_another_way(&mut self, call: Call, said: Said, body: &Body<'_>, out: &mut Outbox) -> bool {
        let code = body.code.as_deref().unwrap_or_default();
        let names = |field| body.fields.iter().any(|name| name == field);
        if said == Said::InBulk {
            let capability = call.in_bulk();
            if names("_type") {
                out.lose(capability);
            } else if out.capabilities.holds(capability) {
                return self.rewords(call, said, body, out);
            } else {
                out.capabilities.doubt(capability);
            }
            // Sent alone, it tells whether it was the way or the item.
            if let Some(attempt) = self.attempt(call) {
                attempt.is_alone = true;
            }
            return true;
        }
        code != "not_found" && self.rewords(call, said, body, out)
    }

    fn rewords(&mut self, call: Call, said: Said, body: &Body<'_>, out: &mut Outbox) -> bool {
        match call {
            Call::CreateSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return false };
                if said == Said::Alone(413) {
                    return entry.slim();
                }
                let is_about_the_id =
                    body.fields.iter().any(|name| matches!(name.as_str(), "id" | "pfid" | "partition"));
                let other_words =
                    is_about_the_id && !entry.has_server_id && !out.capabilities.holds(Capability::ClientIds);
                if other_words {
                    entry.reword();
                    entry.has_server_id = true;
                    out.lose(Capability::ClientIds);
                }
                other_words
            }
            Call::FinishSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return false };
                if said == Said::Alone(413) { entry.slim() } else { entry.fail_instead_of_cancel() }
            }
            Call::Register | Call::Start | Call::Finish | Call::Poll => false,
        }
    }

    /// What the outcome of a span's call says of bulk requests: an item that passes there proves them, and one that
    /// passes only alone, after it was refused there, disproves them.
    fn judge_capability(&mut self, call: Call, said: Said, is_accepted: bool, out: &mut Outbox) {
        if !call.is_span() {
            return;
        }
        match said {
            Said::InBulk if is_accepted => out.capabilities.prove(call.in_bulk()),
            Said::InBulk => {}
            Said::Alone(_) => {
                let was_doubted = self.attempt(call).is_some_and(|attempt| attempt.is_alone);
                if was_doubted && is_accepted {
                    out.lose(call.in_bulk());
                } else if was_doubted {
                    out.capabilities.prove(call.in_bulk());
                }
            }
        }
    }

    fn registered(&mut self, id: Option<String>, account: &Account, out: &mut Outbox) {
        let Some(id) = id else { return self.abandon(Call::Register, DropReason::Protocol, out) };
        if let Ok(id) = id.parse() {
            account.set_partition(id);
        }
        self.registration.registered(id);
        self.phase = Phase::Registered;
        self.register.take().into_iter().for_each(|ticket| out.tickets.settle(ticket));
        if self.start.is_some() {
            out.ready(self.key(), Call::Start);
        }
        self.try_finish(out);
    }

    fn started(&mut self, out: &mut Outbox) {
        self.phase = Phase::Active;
        self.start.take().into_iter().for_each(|(_, ticket)| out.tickets.settle(ticket));
        for call in std::mem::take(&mut self.blocked) {
            out.ready(self.key(), call);
        }
        self.try_finish(out);
    }

    fn finished(&mut self, out: &mut Outbox) {
        self.finish.take().into_iter().for_each(|finish| out.tickets.settle(finish.ticket));
    }

    /// Refused, but nothing depends on the outcome: spans are accepted in any phase of their instance.
    fn settle_instance_call(&mut self, call: Call, out: &mut Outbox) {
        if call == Call::Start { self.started(out) } else { self.finished(out) }
    }

    fn span_created(&mut self, key: SpanKey, out: &mut Outbox) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        let is_terminal = entry.is_terminal();
        entry.state = State::Accepted;
        entry.start.payload = Payload::default();
        entry.create = Attempt::default();
        entry.ticket.take().into_iter().for_each(|ticket| out.tickets.settle(ticket));
        let children = std::mem::take(&mut entry.children);
        self.unsettled -= 1;
        for child in children {
            self.make_ready(Call::CreateSpan(child), out);
        }
        if is_terminal {
            self.span_acknowledged(key, out);
        } else {
            self.finish_ready(key, out);
        }
        self.try_finish(out);
    }

    fn span_acknowledged(&mut self, key: SpanKey, out: &mut Outbox) {
        if let Some(mut entry) = self.spans.remove(&key) {
            out.counters.acknowledged();
            self.unsettled -= 1;
            entry.settle(out);
        }
        self.try_finish(out);
    }

    fn drop_span(&mut self, key: SpanKey, reason: DropReason, out: &mut Outbox) {
        let Some(mut entry) = self.spans.remove(&key) else { return };
        out.counters.dropped(reason);
        self.unsettled -= usize::from(!entry.is_accepted()) + usize::from(entry.finish.is_some());
        if !entry.is_accepted() {
            remember(&mut self.refused, key, entry.start.parent);
        }
        for child in std::mem::take(&mut entry.children) {
            self.make_ready(Call::CreateSpan(child), out);
        }
        entry.settle(out);
        self.try_finish(out);
    }
}

/// Forbidden is the instance. A refusal of the registration is no such thing, nor one by another than the API.
fn is_forbidden(call: Call, said: Said, code: &str) -> bool {
    call != Call::Register && (code == "forbidden" || said == Said::Alone(403) && !code.is_empty())
}

fn remember<T>(memory: &mut KeyMap<SpanKey, T>, key: SpanKey, value: T) {
    if memory.len() >= MAX_REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}

/// A server's text in a log line: short, and without what would confuse a terminal.
fn printable(code: &str) -> String {
    code.chars().take(60).flat_map(char::escape_default).collect()
}
