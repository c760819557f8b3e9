//! What an answer means for the calls that were in its request, and for the requests after it.

use std::time::{Duration, Instant};

use crate::delivery::core::in_flight::SentRequest;
use crate::delivery::core::machine::Core;
use crate::delivery::instance::results::Via;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::classify::RetryCause;
use crate::delivery::schedule::api_call::ApiCall;
use crate::operation::InstanceKey;
use crate::platform::internal_log::FaultKind;
use crate::types::stats::DropReason;
use crate::wire::{Output, Outputs, ResponseBody};

/// After so many answers that are not of the API, or server errors while other items pass, an item is given up.
const MAX_FAULTS_OF_ONE_ITEM: u32 = 5;
/// Where even a request of so many items is refused as a whole, it is not their number.
const SMALLEST_BULK: usize = 2;

impl Core {
    pub(super) fn accepted(
        &mut self,
        flight: SentRequest,
        body: ResponseBody<'_>,
        now: Instant,
        fraction: f64,
    ) {
        if flight.is_bulk {
            return self.outputs(flight, body, now, fraction);
        }
        self.succeeded(flight.epoch);
        self.in_flight.batch_size.on_success(1, now);
        if let [(instance, call)] = flight.calls[..] {
            self.item_accepted(instance, call, Via::Single(200), body);
        }
    }

    /// Reads what became of each item. The API stops at the first that it refuses: those after it were not tried.
    fn outputs(&mut self, flight: SentRequest, body: ResponseBody<'_>, now: Instant, fraction: f64) {
        let Some(outputs) = body.outputs else {
            if self.out.capabilities.is_supported(Capability::Bulk) {
                return self.failed(flight, None, &RetryCause::Protocol(200), now, fraction);
            }
            // It speaks the protocol, but not this part of it.
            self.out.disable(Capability::Bulk);
            return self.put_back(flight.calls);
        };
        self.out.capabilities.confirm(Capability::Bulk);
        let (epoch, items) = (flight.epoch, flight.calls.len());
        let (mut later, mut unclear) = (Vec::new(), Vec::new());
        let (mut has_passed, mut refusal) = (false, None);
        let (calls, outputs) = self.told_apart(flight.calls, outputs);
        for ((key, call), output) in calls.into_iter().zip(outputs) {
            match output {
                Output::Success(body) => {
                    has_passed = true;
                    self.item_accepted(key, call, Via::Bulk, body);
                }
                Output::Error(body) if refusal.is_none() => refusal = Some((key, call, body)),
                _ if refusal.is_some() => later.push((key, call)),
                _ => unclear.push((key, call)),
            }
        }
        if has_passed || refusal.is_some() {
            self.succeeded(epoch);
        }
        if body.terminate.is_some() {
            // It does not say whose, so that each instance is asked about.
            self.next_poll = Some(now);
            self.instances.values_mut().for_each(InstanceDelivery::has_not_heard);
        }
        self.put_back(later);
        let is_whole = refusal.is_none() && unclear.is_empty();
        if let Some((key, call, body)) = refusal {
            self.in_flight.batch_size.on_failure(items, 2);
            if is_transient(&body) {
                self.backoff.failure(epoch, now, None, fraction);
                self.item_failed(key, call, &RetryCause::Status(500), true);
            } else if let Some(instance) = self.instances.get_mut(&key) {
                instance.refused(call, Via::Bulk, &body, &mut self.out);
            }
        }
        if is_whole {
            self.in_flight.batch_size.on_success(items, now);
        }
        if !unclear.is_empty() {
            self.failed(SentRequest::left(unclear, epoch), None, &RetryCause::Protocol(200), now, fraction);
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

    pub(super) fn refused(
        &mut self,
        flight: SentRequest,
        status: u16,
        body: &ResponseBody<'_>,
        now: Instant,
    ) {
        let epoch = flight.epoch;
        if !flight.is_bulk {
            self.succeeded(epoch);
            self.in_flight.batch_size.on_single_rejected();
            for (key, call) in flight.calls {
                if let Some(instance) = self.instances.get_mut(&key) {
                    instance.refused(call, Via::Single(status), body, &mut self.out);
                }
            }
            return;
        }
        let items = flight.calls.len();
        let is_no_path = matches!(status, 404 | 405 | 415 | 501) || items <= SMALLEST_BULK;
        match status {
            413 => self.in_flight.shrink_bytes(&flight),
            _ if is_no_path && !self.out.capabilities.is_supported(Capability::Bulk) => {
                self.out.disable(Capability::Bulk);
            }
            // They go in smaller and smaller company, the last one alone.
            _ => self.in_flight.batch_size.on_rejected(items, now),
        }
        self.put_back(flight.calls);
    }

    /// Nothing came of a request, and it is not known why: it is sent again, in smaller company where one of its
    /// calls may be the cause.
    pub(super) fn failed(
        &mut self,
        flight: SentRequest,
        after: Option<Duration>,
        cause: &RetryCause,
        now: Instant,
        fraction: f64,
    ) {
        if let [(key, ApiCall::Poll)] = flight.calls[..] {
            // The next round asks anew.
            self.instances.get_mut(&key).into_iter().for_each(InstanceDelivery::poll_lost);
            return;
        }
        if matches!(cause, RetryCause::Closed(_)) && !self.backoff.is_failing() && self.is_first_try(&flight)
        {
            // Connections end that are not used for a while: no fault, and no reason to wait.
            return self.put_back(flight.calls);
        }
        self.backoff.failure(flight.epoch, now, after, fraction);
        self.out.log(
            FaultKind::Unreachable,
            format!("the API is out of reach ({cause}): spans are kept and sent again"),
        );
        if cause.may_be_an_item() {
            self.in_flight.batch_size.on_failure(flight.calls.len(), 4);
        }
        let is_alone = flight.calls.len() == 1;
        let mut again = Vec::new();
        for (key, call) in flight.calls {
            if !self.item_failed(key, call, cause, is_alone) {
                again.push((key, call));
            }
        }
        self.put_back(again);
    }

    /// Counts a fault of one call. `true` when it needs no further care: it is given up, or at the end of the line,
    /// so that one poisoned item cannot stand in everybody's way.
    fn item_failed(&mut self, key: InstanceKey, call: ApiCall, cause: &RetryCause, is_alone: bool) -> bool {
        let Some(instance) = self.instances.get_mut(&key) else { return true };
        let Some(attempt) = instance.attempt(call) else { return true };
        if !matches!(cause, RetryCause::Unknown(_) | RetryCause::Closed(_)) {
            let (faults, others_pass) = attempt.fault(self.successes);
            let reason = match cause {
                RetryCause::Protocol(_) if is_alone => Some(DropReason::Protocol),
                RetryCause::Status(_) if is_alone && others_pass => Some(DropReason::Rejected),
                _ => None,
            };
            if let Some(reason) = reason.filter(|_| faults >= MAX_FAULTS_OF_ONE_ITEM) {
                instance.abandon(call, reason, &mut self.out);
                return true;
            }
        }
        if is_alone {
            self.out.ready(key, call);
        }
        is_alone
    }

    fn is_first_try(&mut self, flight: &SentRequest) -> bool {
        flight.calls.iter().all(|(key, call)| {
            let attempt = self.instances.get_mut(key).and_then(|instance| instance.attempt(*call));
            attempt.is_none_or(|attempt| attempt.tries == 1)
        })
    }

    fn item_accepted(&mut self, key: InstanceKey, call: ApiCall, via: Via, body: ResponseBody<'_>) {
        if let Some(instance) = self.instances.get_mut(&key) {
            instance.accepted(call, via, body, &self.account, &mut self.out);
        }
    }

    /// In the order in which they were.
    pub(super) fn put_back(&mut self, calls: Vec<(InstanceKey, ApiCall)>) {
        for (key, call) in calls.into_iter().rev() {
            self.out.ready_again(key, call);
        }
    }

    fn succeeded(&mut self, epoch: u64) {
        self.backoff.success(epoch);
        self.is_unauthorized = false;
        self.successes += 1;
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
