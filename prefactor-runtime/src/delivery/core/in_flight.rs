//! Requests in flight, and the choice of the calls that go into the next one.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::delivery::instance::encode::EncodeContext;
use crate::delivery::instance::encode::Readiness;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::policy::batch_size::BatchSize;
use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::request_bytes::RequestBytes;
use crate::delivery::schedule::api_call::ApiCall;
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::InstanceKey;
use crate::platform::backoff::Backoff;
use crate::platform::key_map::KeyMap;
use crate::transport::Request;
use crate::wire::Bulk;

/// Requests in flight at most. The API's limits are not published; thirty-two single ones hide a round trip of
/// 50 ms well.
const MAX_IN_FLIGHT: usize = 32;
/// Limit of the bytes of all requests in flight, to bound memory. Spans of 256 B + 256 B have some 1,200 bytes there, so that a server
/// at 50 ms takes no less than 7 µs a span; with half as many bytes it was 14 µs.
const MAX_BYTES_IN_FLIGHT: usize = 8 << 20;
/// The same while the queue is full: what is in flight is there twice, once to be sent and once to be sent again.
const MIN_BYTES_IN_FLIGHT: usize = 512 << 10;
/// Bytes that an item of the first request is expected to have.
const FIRST_ITEM_BYTES: usize = 1 << 10;
/// How long a call waits for company while other requests are under way.
const LINGER: Duration = Duration::from_millis(50);

/// A request under way.
#[derive(Debug)]
pub(crate) struct SentRequest {
    pub(crate) calls: Vec<(InstanceKey, ApiCall)>,
    pub(crate) is_bulk: bool,
    /// The backoff's epoch when it was sent.
    pub(crate) epoch: u64,
    /// Of its body; zero for what is left of one.
    pub(crate) bytes: usize,
}

/// The requests under way, and how large the next may be.
#[derive(Debug)]
pub(crate) struct InFlight {
    open: HashMap<u64, SentRequest>,
    next: u64,
    bytes: usize,
    pub(crate) batch_size: BatchSize,
    pub(crate) request_bytes: RequestBytes,
    /// Bytes of an item of the last bulk request, about.
    item_bytes: usize,
    /// Since when calls wait for company.
    waiting_since: Option<Instant>,
}

impl SentRequest {
    /// A bulk request of which something is left.
    pub(crate) fn left(calls: Vec<(InstanceKey, ApiCall)>, epoch: u64) -> Self {
        Self { calls, is_bulk: true, epoch, bytes: 0 }
    }
}

impl Default for InFlight {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            next: 0,
            bytes: 0,
            batch_size: BatchSize::default(),
            request_bytes: RequestBytes::default(),
            item_bytes: FIRST_ITEM_BYTES,
            waiting_since: None,
        }
    }
}

impl InFlight {
    /// The number of the next request.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The next request to be sent now, if there is one.
    pub(crate) fn next_request(
        &mut self,
        instances: &mut KeyMap<InstanceKey, InstanceDelivery>,
        out: &mut ReadyQueue,
        backoff: &Backoff,
        context: &EncodeContext<'_>,
        now: Instant,
    ) -> Option<(u64, Request)> {
        if self.open.len() >= backoff.allowance(now, MAX_IN_FLIGHT) {
            return None;
        }
        out.release_deferred(now);
        out.shrink();
        while let Some((instance, call)) = out.instances.pop_front() {
            if let Some(next) = self.build_single(instances, out, backoff, context, (instance, call)) {
                return Some(next);
            }
        }
        while self.is_due(out, now) {
            if let Some(next) = self.build_bulk(instances, out, backoff, context) {
                self.waiting_since = (!out.spans.is_empty()).then_some(now);
                return Some(next);
            }
        }
        None
    }

    /// Takes a request out that was answered.
    pub(crate) fn complete(
        &mut self,
        number: u64,
        instances: &mut KeyMap<InstanceKey, InstanceDelivery>,
    ) -> Option<SentRequest> {
        let mut request = self.open.remove(&number)?;
        self.bytes -= request.bytes;
        request.calls.retain(|(instance, call)| {
            let attempt = instances.get_mut(instance).and_then(|instance| instance.attempt(*call));
            let Some(attempt) = attempt else { return true };
            // The call may have been encoded again meanwhile, for a server that has started anew.
            let is_this_one = attempt.flight == Some(number);
            if is_this_one {
                attempt.flight = None;
            }
            is_this_one
        });
        Some(request)
    }

    /// The requests under way, in the order in which they were sent.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self.open.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// When calls that wait for company go without.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.waiting_since.map(|since| since + LINGER)
    }

    /// At once when nothing is under way; else when a request is full, or has waited long enough.
    fn is_due(&mut self, out: &ReadyQueue, now: Instant) -> bool {
        if out.spans.is_empty() {
            self.waiting_since = None;
            return false;
        }
        let since = *self.waiting_since.get_or_insert(now);
        if self.open.is_empty() {
            return true;
        }
        if self.batch_size.is_probing() || out.capabilities.has_suspicion() {
            return false;
        }
        let room = MIN_BYTES_IN_FLIGHT + out.acks.free_bytes() / 2;
        if self.bytes >= room.min(MAX_BYTES_IN_FLIGHT) {
            return false;
        }
        let is_full = out.spans.len() >= self.batch_size.max();
        is_full || now >= since + LINGER || !out.capabilities.is_worth_trying(Capability::Bulk)
    }

    fn build_single(
        &mut self,
        instances: &mut KeyMap<InstanceKey, InstanceDelivery>,
        out: &mut ReadyQueue,
        backoff: &Backoff,
        context: &EncodeContext<'_>,
        (key, call): (InstanceKey, ApiCall),
    ) -> Option<(u64, Request)> {
        let instance = instances.get_mut(&key)?;
        let request = match call {
            ApiCall::Poll => instance.poll()?,
            call => instance.message(call, context, &mut out.pages)?.single_request(),
        };
        let number = self.number();
        let is_repeat = mark_sent(instance, call, number, out);
        out.counters.request(is_repeat);
        let bytes = request.body.len();
        self.bytes += bytes;
        let flight = SentRequest { calls: vec![(key, call)], is_bulk: false, epoch: backoff.epoch(), bytes };
        self.open.insert(number, flight);
        Some((number, request))
    }

    /// As many calls of spans as fit, with what may follow them.
    fn build_bulk(
        &mut self,
        instances: &mut KeyMap<InstanceKey, InstanceDelivery>,
        out: &mut ReadyQueue,
        backoff: &Backoff,
        context: &EncodeContext<'_>,
    ) -> Option<(u64, Request)> {
        let number = self.number();
        let is_bulk_likely = out.capabilities.is_worth_trying(Capability::Bulk);
        let items = if is_bulk_likely { out.spans.len().min(self.batch_size.max()) } else { 0 };
        let mut bulk = Bulk::of_about(items.saturating_mul(self.item_bytes).min(self.request_bytes.max()));
        let (mut calls, mut is_repeat) = (Vec::new(), false);
        let mut followers: VecDeque<(InstanceKey, ApiCall)> = VecDeque::new();
        while let Some((key, call)) = followers.pop_front().or_else(|| out.spans.pop_front()) {
            let Some(instance) = instances.get_mut(&key) else { continue };
            if instance.readiness(call, number) == Readiness::Blocked {
                continue;
            }
            let goes_alone = !goes_in_bulk(instance, call, out);
            let Some(message) = instance.message(call, context, &mut out.pages) else { continue };
            let is_full = calls.len() >= self.batch_size.max()
                || bulk.size() + message.size() > self.request_bytes.max();
            if !calls.is_empty() && (goes_alone || is_full) {
                followers.push_front((key, call));
                break;
            }
            if !goes_alone {
                bulk.push(message);
            }
            is_repeat |= mark_sent(instance, call, number, out);
            calls.push((key, call));
            if goes_alone {
                break;
            }
            if out.capabilities.is_supported(Capability::BulkCreate)
                && out.capabilities.is_supported(Capability::ClientIds)
            {
                for follower in instance.dependents(call).into_iter().rev() {
                    followers.push_front((key, follower));
                }
            }
        }
        for (key, call) in followers.into_iter().rev() {
            if instances.get_mut(&key).is_some_and(|instance| instance.readiness(call, 0) == Readiness::Ready)
            {
                out.ready_again(key, call);
            }
        }
        let &(key, call) = calls.first()?;
        out.counters.request(is_repeat);
        let is_bulk = calls.len() > 1;
        let request = if is_bulk {
            bulk.request()
        } else {
            instances.get_mut(&key)?.message(call, context, &mut out.pages)?.single_request()
        };
        let bytes = request.body.len();
        self.item_bytes = bytes / calls.len() + bytes / calls.len() / 16;
        self.bytes += bytes;
        self.open.insert(number, SentRequest { calls, is_bulk, epoch: backoff.epoch(), bytes });
        Some((number, request))
    }
}

/// Marks a call as under way. Whether it was before.
fn mark_sent(instance: &mut InstanceDelivery, call: ApiCall, number: u64, out: &mut ReadyQueue) -> bool {
    let Some(attempt) = instance.attempt(call) else { return false };
    attempt.flight = Some(number);
    attempt.tries += 1;
    let is_repeat = attempt.tries > 1;
    if out.is_recording {
        instance.note_sent(call, out);
    }
    is_repeat
}

fn goes_in_bulk(instance: &mut InstanceDelivery, call: ApiCall, out: &mut ReadyQueue) -> bool {
    let (is_alone, is_suspect) =
        instance.attempt(call).map_or((false, false), |attempt| (attempt.goes_alone(), attempt.is_alone));
    if !is_suspect {
        // The suspected call is always the first in the queue: when another call is first, the suspect is settled.
        out.capabilities.clear_suspicions();
    }
    let capabilities = &out.capabilities;
    !is_alone
        && capabilities.is_worth_trying(Capability::Bulk)
        && capabilities.is_worth_trying(Capability::BulkCreate)
        && capabilities.is_worth_trying(call.in_bulk())
}
