//! Carries out what a response means for the calls of its request, and for the requests after it.
//!
//! [`policy`](crate::delivery::policy) decides what a response means; this file matches responses to calls.

use std::time::{Duration, Instant};

use crate::delivery::core::in_flight::SentRequest;
use crate::delivery::core::machine::{Action, Core};
use crate::delivery::instance::results::Effect;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::decision::{self, BulkAction, Via, Word};
use crate::delivery::schedule::api_call::{ApiCall, Refusal};
use crate::operation::InstanceKey;
use crate::platform::internal_log::FaultKind;
use crate::wire::classify::RetryCause;
use crate::wire::{Output, Outputs, ResponseBody};

/// The line for a first answer that says 404 in the words of another server.
const NO_SUCH_PATH: &str = "the server has no such path (HTTP 404, and not in the API's words): PREFACTOR_API_URL may be wrong, so set it to the \
     address of the API, such as https://app.prefactorai.com; spans are kept and sent again";

/// After so many faults that an item met alone, with others accepted between them, it is given up.
const MAX_FAULTS_OF_ONE_ITEM: u32 = 5;

impl Core {
    /// A success of the API. It settles the calls that it names.
    pub(super) fn succeeded(
        &mut self,
        request: SentRequest,
        body: ResponseBody<'_>,
        now: Instant,
        fraction: f64,
    ) {
        if request.is_bulk {
            return self.outputs(request, body, now, fraction);
        }
        let Some(&(key, call)) = request.calls.first() else { return };
        let mark =
            self.instances.get(&key).map(|instance| instance.word_of_success(call, Via::Single, &body));
        let is_taken = call == ApiCall::Register && self.is_id_of_another(key, &body);
        let Some(word) = mark.flatten().filter(|_| !is_taken) else {
            return self.failed(request, None, &RetryCause::Odd { status: 200 }, now, fraction);
        };
        self.answered_by_api(request.epoch);
        self.out.accepted += 1;
        self.in_flight.batch_size.on_success(1, now);
        self.in_flight.request_bytes.on_success(request.bytes, now);
        self.apply(key, call, Via::Single, None, word, &body, now);
    }

    /// Whether a registration without a mark came back with the id of another run.
    fn is_id_of_another(&self, key: InstanceKey, body: &ResponseBody<'_>) -> bool {
        body.external_identifier.is_none()
            && self
                .instances
                .iter()
                .any(|(other, instance)| *other != key && instance.id() == body.id.as_deref())
    }

    /// Reads what became of each item. The API stops at the first that it refuses: those after it were not tried.
    fn outputs(&mut self, request: SentRequest, body: ResponseBody<'_>, now: Instant, fraction: f64) {
        let Some(outputs) = body.outputs else {
            return self.failed(request, None, &RetryCause::Odd { status: 200 }, now, fraction);
        };
        let (epoch, items, bytes) = (request.epoch, request.calls.len(), request.bytes);
        let (mut later, mut unclear) = (Vec::new(), Vec::new());
        let (mut has_passed, mut refusal) = (false, None);
        let (calls, outputs) = self.told_apart(request.calls, outputs);
        for ((key, call), output) in calls.into_iter().zip(outputs) {
            match output {
                Output::Success(body) => {
                    let instance = self.instances.get(&key);
                    let word = instance.and_then(|instance| instance.word_of_success(call, Via::Bulk, &body));
                    match word {
                        Some(word) => {
                            has_passed = true;
                            self.apply(key, call, Via::Bulk, None, word, &body, now);
                        }
                        None => unclear.push((key, call)),
                    }
                }
                Output::Error(body) if refusal.is_none() => refusal = Some((key, call, body)),
                _ if refusal.is_some() => later.push((key, call)),
                _ => unclear.push((key, call)),
            }
        }
        if has_passed || refusal.is_some() {
            self.out.capabilities.confirm(Capability::Bulk);
            self.answered_by_api(epoch);
            self.out.accepted += u64::from(has_passed);
        }
        if body.terminate.is_some() {
            // The signal names no instance, so each one is polled.
            self.next_poll = Some(now);
            self.instances.values_mut().for_each(InstanceDelivery::has_not_heard);
        }
        self.put_back(later);
        let is_whole = refusal.is_none() && unclear.is_empty();
        if let Some((key, call, body)) = refusal {
            self.in_flight.batch_size.on_failure(items, 2);
            if is_transient(&body) {
                self.backoff.failure(epoch, now, None, fraction);
                self.item_failed(key, call, &RetryCause::Busy { status: 500, is_api: true }, true, now);
            } else {
                let word = decision::word_of_error(None, &body);
                self.out.confirmed_error = Some(word);
                self.apply(key, call, Via::Bulk, None, word, &body, now);
            }
        }
        if is_whole {
            self.in_flight.batch_size.on_success(items, now);
            self.in_flight.request_bytes.on_success(bytes, now);
        }
        if !unclear.is_empty() {
            let rest = SentRequest::left(unclear, epoch);
            self.failed(rest, None, &RetryCause::Odd { status: 200 }, now, fraction);
        }
    }

    /// The calls that can still be settled, and what became of each.
    fn told_apart<'a>(
        &self,
        calls: Vec<(InstanceKey, ApiCall)>,
        outputs: Outputs<'a>,
    ) -> (Vec<(InstanceKey, ApiCall)>, Vec<Output<'a>>) {
        let message = |(instance, call): &(_, _)| self.instances.get(instance)?.message_of(*call);
        let open = calls.into_iter().filter_map(|call| Some((call, message(&call)?.key())));
        let (calls, keys): (Vec<_>, Vec<_>) = open.unzip();
        (calls, outputs.of(&keys))
    }

    /// An error of the API.
    pub(super) fn refused(
        &mut self,
        request: SentRequest,
        status: u16,
        body: &ResponseBody<'_>,
        now: Instant,
        fraction: f64,
    ) {
        if !request.is_bulk {
            let Some(&(key, call)) = request.calls.first() else { return };
            let word = decision::word_of_error(Some(status), body);
            let attempt = self.instances.get_mut(&key).and_then(|instance| instance.attempt(call));
            let is_about_the_call = word != Word::Unauthorized || call == ApiCall::Register;
            match attempt.filter(|_| is_about_the_call).map(|attempt| attempt.refused(word)) {
                Some(Refusal::Confirmed) => self.out.confirmed_error = Some(word),
                // The same bytes got two errors, of which one at least is not about them.
                Some(Refusal::Other) => {
                    return self.failed(request, None, &RetryCause::Odd { status }, now, fraction);
                }
                Some(Refusal::First) | None => {}
            }
            if word != Word::Unauthorized {
                self.answered_by_api(request.epoch);
            }
            if self.out.confirmed_error == Some(word) {
                self.in_flight.batch_size.on_single_rejected();
            }
            return self.apply(key, call, Via::Single, Some(status), word, body, now);
        }
        let items = request.calls.len();
        match decision::decide_bulk(status, items, self.out.capabilities.support(Capability::Bulk)) {
            BulkAction::OpenCircuit => self.unauthorized(status, now),
            BulkAction::FewerBytes => {
                self.out.confirmed_error = Some(Word::TooLarge);
                self.in_flight.request_bytes.on_refusal(request.bytes, now);
            }
            BulkAction::FewerItems => self.in_flight.batch_size.on_rejected(items, now),
            BulkAction::LeaveBulk => self.out.disable(Capability::Bulk),
        }
        self.put_back(request.calls);
    }

    /// Carries out what the API's word means for one call.
    #[expect(clippy::too_many_arguments, reason = "what was sent, how, and what came back")]
    fn apply(
        &mut self,
        key: InstanceKey,
        call: ApiCall,
        via: Via,
        status: Option<u16>,
        word: Word,
        body: &ResponseBody<'_>,
        now: Instant,
    ) {
        let Some(instance) = self.instances.get_mut(&key) else { return };
        let known_partition = self.account.partition();
        if known_partition.is_none() && word == Word::Done && instance.is_joined() {
            // A process that only joins runs registers none, so this is how it learns the account's partition.
            instance
                .id()
                .and_then(|id| id.parse().ok())
                .into_iter()
                .for_each(|id| self.account.set_partition(id));
        }
        match instance.settle(call, via, status, word, body, &self.account, &mut self.out) {
            Effect::Settled => {}
            Effect::Registered { partition } => {
                let is_other = known_partition
                    .zip(partition)
                    .is_some_and(|(known, id)| known.partition() != id.partition());
                if is_other && instance.server_epoch == self.server_epoch {
                    self.server_restarted();
                }
                if let Some(instance) = self.instances.get_mut(&key) {
                    instance.server_epoch = self.server_epoch;
                }
                if let Some(partition) = partition {
                    self.account.set_partition(partition);
                }
            }
            Effect::OpenCircuit => {
                self.unauthorized(status.unwrap_or(401), now);
                self.out.ready_again(key, call);
            }
            Effect::Reset => {
                self.actions.push_back(Action::ResetConnections);
                self.out.ready_again(key, call);
            }
            Effect::LookAgain => {
                self.lookups.push((now + instance.next_lookup(), key));
            }
            Effect::RunForgotten => {
                if instance.server_epoch == self.server_epoch {
                    self.server_restarted();
                }
                if let Some(instance) = self.instances.get_mut(&key) {
                    instance.server_epoch = self.server_epoch;
                    instance.register_anew(&mut self.out);
                }
            }
        }
    }

    /// The server has started anew, which is noticed once for each start: what was learnt from the one before is forgotten.
    fn server_restarted(&mut self) {
        self.server_epoch += 1;
        self.account.forget_partition();
        self.out.counters.server_restarted();
        self.out.capabilities.reset();
        self.out.log(
            FaultKind::ServerRestart,
            "the server has started anew and forgotten what it knew: runs that go on are registered again",
        );
    }

    /// Nothing settles a request: it is sent again, in a smaller one where one of its calls may be the cause.
    pub(super) fn failed(
        &mut self,
        request: SentRequest,
        after: Option<Duration>,
        cause: &RetryCause,
        now: Instant,
        fraction: f64,
    ) {
        self.out.confirmed_error = None;
        if matches!(cause, RetryCause::Odd { .. }) {
            self.actions.push_back(Action::ResetConnections);
        }
        if let [(key, ApiCall::Poll)] = request.calls[..] {
            self.instances.get_mut(&key).into_iter().for_each(InstanceDelivery::poll_lost);
            return;
        }
        if matches!(cause, RetryCause::Closed(_)) && !self.backoff.is_failing() && self.is_first_try(&request)
        {
            // Servers close idle connections. That is no failure, so there is no backoff.
            self.may_have_arrived(&request);
            return self.put_back(request.calls);
        }
        self.backoff.failure(request.epoch, now, after, fraction);
        let (fault, text) = match cause {
            RetryCause::TimedOut(cause) => (
                FaultKind::Slow,
                format!("the API is slow ({cause}): spans are kept and sent again in smaller requests"),
            ),
            cause if self.is_no_such_path(cause) => (FaultKind::Odd, NO_SUCH_PATH.to_owned()),
            RetryCause::Odd { status } => (
                FaultKind::Odd,
                format!(
                    "a response is not the API's (HTTP {status}, a proxy's page for example): spans are kept and sent \
                     again; if this goes on, check PREFACTOR_API_URL"
                ),
            ),
            cause => (
                FaultKind::Unreachable,
                format!("the API is out of reach ({cause}): spans are kept and sent again"),
            ),
        };
        self.out.log(fault, text);
        if cause.may_be_an_item() {
            self.in_flight.batch_size.on_failure(request.calls.len(), 4);
        }
        if matches!(cause, RetryCause::TimedOut(_)) {
            self.in_flight.request_bytes.on_time_out(request.bytes, now);
        }
        let is_alone = request.calls.len() == 1;
        if cause.may_have_arrived() {
            self.may_have_arrived(&request);
        }
        let mut again = Vec::new();
        for (key, call) in request.calls {
            if !self.item_failed(key, call, cause, is_alone, now) {
                again.push((key, call));
            }
        }
        self.put_back(again);
    }

    /// A ping that nothing settles. Only a wrong address is worth a word: the calls after it tell of the rest.
    pub(super) fn ping_failed(&mut self, cause: &RetryCause) {
        if self.is_no_such_path(cause) {
            self.out.log(FaultKind::Odd, NO_SUCH_PATH);
        }
    }

    /// Whether no request has met the API so far, and this one met another server's 404.
    fn is_no_such_path(&self, cause: &RetryCause) -> bool {
        self.out.answered == 0 && *cause == RetryCause::Odd { status: 404 }
    }

    /// Counts a fault of one call. `true` when it needs no further care: it is given up, or behind the others.
    fn item_failed(
        &mut self,
        key: InstanceKey,
        call: ApiCall,
        cause: &RetryCause,
        is_alone: bool,
        now: Instant,
    ) -> bool {
        let accepted = self.out.accepted;
        let Some(instance) = self.instances.get_mut(&key) else { return true };
        let Some(attempt) = instance.attempt(call) else { return true };
        if !is_alone {
            return false;
        }
        if cause.is_fault() && attempt.fault(accepted, now) >= MAX_FAULTS_OF_ONE_ITEM {
            let is_refused = matches!(cause, RetryCause::Busy { is_api: true, .. });
            instance.give_up_call(call, is_refused, &mut self.out);
        } else {
            self.out.defer(key, call, now);
        }
        true
    }

    /// Remembers that the server may have applied the calls of a request: those that are given up count as unknown.
    fn may_have_arrived(&mut self, request: &SentRequest) {
        for (key, call) in &request.calls {
            if let Some(attempt) = self.instances.get_mut(key).and_then(|instance| instance.attempt(*call)) {
                attempt.may_have_arrived = true;
            }
        }
    }

    fn is_first_try(&mut self, request: &SentRequest) -> bool {
        request.calls.iter().all(|(key, call)| {
            let attempt = self.instances.get_mut(key).and_then(|instance| instance.attempt(*call));
            attempt.is_none_or(|attempt| attempt.tries == 1)
        })
    }

    /// In the order in which they were.
    pub(super) fn put_back(&mut self, calls: Vec<(InstanceKey, ApiCall)>) {
        for (key, call) in calls.into_iter().rev() {
            self.out.ready_again(key, call);
        }
    }

    /// The API has spoken, whatever it said.
    fn answered_by_api(&mut self, epoch: u64) {
        self.backoff.success(epoch);
        self.is_unauthorized = false;
        self.out.answered += 1;
    }
}

/// Whether an item failed for a reason that may pass: a bulk answer has no HTTP status to tell.
fn is_transient(body: &ResponseBody<'_>) -> bool {
    const CODES: [&str; 6] = [
        "internal_error",
        "internal_server_error",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "too_many_requests",
    ];
    body.code.as_deref().is_some_and(|code| CODES.contains(&code))
}
