//! Takes the answers to requests: to those with calls of runs, to the question about the token, and to that about schemas.

use std::time::Instant;

use crate::delivery::core::machine::{Action, Core, CurrentOperation};
use crate::delivery::core::schema_check::Next;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::decision;
use crate::delivery::schedule::api_call::ApiCall;
use crate::platform::internal_log::FaultKind;
use crate::transport::{SendError, SendResult};
use crate::types::stats::{DropReason, RunCallEvent, RunEvent};
use crate::wire;
use crate::wire::classify::{Class, classify};

impl Core {
    /// Asks once whether the token is good, so that one that is not is known before the first span is.
    ///
    /// Without an answer it is not asked again, and no caller waits for it: the next request shows as much.
    pub(crate) fn ping(&mut self) {
        let id = self.in_flight.number();
        self.ping = Some(id);
        self.out.counters.request(false);
        self.actions.push_back(Action::Send { id, request: wire::ping() });
    }

    pub(crate) fn answer(&mut self, id: u64, answer: &SendResult, now: Instant, fraction: f64) {
        self.has_news = true;
        self.out.capabilities.at(now);
        let class = classify(answer);
        if self.ping.take_if(|ping| *ping == id).is_some() {
            match class {
                Class::Error { status, body } => {
                    let word = decision::word_of_error(Some(status), &body);
                    if decision::is_token_refused_at_ping(word) {
                        self.unauthorized(status, now);
                    }
                }
                Class::Retry { cause, .. } => self.ping_failed(&cause),
                Class::Success(_) => {}
            }
            return;
        }
        if self.schema_check.is_asking(id) {
            let next = self.schema_check.answered(answer);
            return self.go_on_with_schemas(next);
        }
        let Some(request) = self.in_flight.complete(id, &mut self.instances) else { return };
        let registered = match (&request.calls[..], &class) {
            ([(key, ApiCall::Register)], Class::Success(_)) => Some(*key),
            _ => None,
        };
        let mut touched: Vec<_> = request.calls.iter().map(|(instance, _)| *instance).collect();
        touched.dedup();
        match class {
            Class::Success(body) => self.succeeded(request, body, now, fraction),
            Class::Error { status, body } => self.refused(request, status, &body, now, fraction),
            Class::Retry { after, cause } => self.failed(request, after, &cause, now, fraction),
        }
        let instance = registered.and_then(|key| self.instances.get(&key));
        if let Some(identifier) = instance.and_then(InstanceDelivery::sent_types) {
            let next = self.schema_check.registered(answer, identifier);
            self.go_on_with_schemas(next);
        }
        for instance in touched {
            if self.instances.get(&instance).is_some_and(InstanceDelivery::is_retired) {
                self.instances.remove(&instance);
            }
        }
    }

    /// The thread that drives the core panicked: whether its requests arrived is unknown, and an operation that it
    /// had in hand is lost.
    pub(crate) fn recover(&mut self, current: Option<CurrentOperation>, now: Instant, fraction: f64) {
        if let Some(CurrentOperation { weight, is_span, is_register, is_run_call }) = current {
            self.out.acks.release(weight);
            if is_register {
                self.out.counters.run(RunEvent::Lost);
            }
            if is_span {
                self.out.counters.dropped(DropReason::WorkerLost);
            }
            if is_run_call {
                self.out.counters.run_call(RunCallEvent::Lost);
            }
        }
        let unknown = Err(SendError::unanswered("the delivery thread panicked"));
        for number in self.in_flight.numbers() {
            self.answer(number, &unknown, now, fraction);
        }
    }

    fn go_on_with_schemas(&mut self, next: Next) {
        match next {
            Next::Ask(request) => {
                let id = self.in_flight.number();
                self.out.counters.request(false);
                self.schema_check.asked(id);
                self.actions.push_back(Action::Send { id, request });
            }
            Next::Tell(text) => self.out.log(FaultKind::Schemas, text),
            Next::Nothing => {}
        }
    }

    pub(super) fn unauthorized(&mut self, status: u16, now: Instant) {
        self.is_unauthorized = true;
        self.is_refused = self.shutdown.is_some();
        self.backoff.open_circuit(now);
        let text = format!("the API does not accept the token (HTTP {status}): check PREFACTOR_API_TOKEN");
        self.out.log(FaultKind::Auth, text);
    }
}
