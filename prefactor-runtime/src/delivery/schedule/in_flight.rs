//! Requests: which calls go together, and which are under way.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::{Lane, Passage, Scene};
use crate::delivery::policy::backoff::Backoff;
use crate::delivery::policy::batch_size::Company;
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::api_call::Call;
use crate::delivery::schedule::ready::Outbox;
use crate::operation::InstanceKey;
use crate::transport::Request;
use crate::wire::Bulk;

/// Requests in flight at most. The API's limits are not published; thirty-two single ones hide a round trip of
/// 50 ms well.
const MAX_IN_FLIGHT: usize = 32;
/// What requests in flight may weigh together, to bound memory.
const MAX_BYTES_IN_FLIGHT: usize = 4 << 20;
/// The same while the queue is full: what is in flight is there twice, once to be sent and once to be sent again.
const MIN_BYTES_IN_FLIGHT: usize = 512 << 10;
/// Bytes in a bulk request at most, while none is refused.
const MAX_BYTES: usize = 1 << 20;
/// How long a call waits for company while other requests are under way.
const LINGER: Duration = Duration::from_millis(50);

/// A request under way.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) calls: Vec<(InstanceKey, Call)>,
    pub(crate) is_bulk: bool,
    /// The backoff's epoch at its departure.
    pub(crate) epoch: u64,
    bytes: usize,
}

/// The requests under way, and how large the next may be.
#[derive(Debug)]
pub(crate) struct Flights {
    open: HashMap<u64, Flight>,
    next: u64,
    bytes: usize,
    pub(crate) company: Company,
    max_bytes: usize,
    /// Since when calls wait for company.
    waiting_since: Option<Instant>,
}

impl Flight {
    /// A bulk request of which something is left.
    pub(crate) fn left(calls: Vec<(InstanceKey, Call)>, epoch: u64) -> Self {
        Self { calls, is_bulk: true, epoch, bytes: 0 }
    }
}

impl Default for Flights {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            next: 0,
            bytes: 0,
            company: Company::default(),
            max_bytes: MAX_BYTES,
            waiting_since: None,
        }
    }
}

impl Flights {
    /// The number of the next request.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The next request to be sent now, if there is one.
    pub(crate) fn depart(
        &mut self,
        lanes: &mut KeyMap<InstanceKey, Lane>,
        out: &mut Outbox,
        backoff: &Backoff,
        scene: &Scene<'_>,
        now: Instant,
    ) -> Option<(u64, Request)> {
        if self.open.len() >= backoff.allowance(now, MAX_IN_FLIGHT) {
            return None;
        }
        while let Some((lane, call)) = out.instances.pop_front() {
            if let Some(departure) = self.alone(lanes, out, backoff, scene, (lane, call)) {
                return Some(departure);
            }
        }
        while self.is_due(out, now) {
            if let Some(departure) = self.together(lanes, out, backoff, scene) {
                self.waiting_since = (!out.spans.is_empty()).then_some(now);
                return Some(departure);
            }
        }
        None
    }

    /// Takes a request out that was answered.
    pub(crate) fn arrive(&mut self, number: u64, lanes: &mut KeyMap<InstanceKey, Lane>) -> Option<Flight> {
        let flight = self.open.remove(&number)?;
        self.bytes -= flight.bytes;
        for (lane, call) in &flight.calls {
            if let Some(attempt) = lanes.get_mut(lane).and_then(|lane| lane.attempt(*call)) {
                attempt.flight = None;
            }
        }
        Some(flight)
    }

    /// The requests under way, in the order of their departure.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self.open.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// When calls that wait for company go without.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.waiting_since.map(|since| since + LINGER)
    }

    /// A request was too large for the API.
    pub(crate) fn shrink_bytes(&mut self, flight: &Flight) {
        self.max_bytes = self.max_bytes.min(flight.bytes / 2);
    }

    /// At once when nothing is under way; else when a request is full, or has waited long enough.
    fn is_due(&mut self, out: &Outbox, now: Instant) -> bool {
        if out.spans.is_empty() {
            self.waiting_since = None;
            return false;
        }
        let since = *self.waiting_since.get_or_insert(now);
        if self.open.is_empty() {
            return true;
        }
        if self.company.is_cautious() || out.capabilities.is_in_doubt() {
            return false;
        }
        let room = MIN_BYTES_IN_FLIGHT + out.tickets.free_bytes() / 2;
        if self.bytes >= room.min(MAX_BYTES_IN_FLIGHT) {
            return false;
        }
        let is_full = out.spans.len() >= self.company.max();
        is_full || now >= since + LINGER || !out.capabilities.is_worth_trying(Capability::Bulk)
    }

    fn alone(
        &mut self,
        lanes: &mut KeyMap<InstanceKey, Lane>,
        out: &mut Outbox,
        backoff: &Backoff,
        scene: &Scene<'_>,
        (key, call): (InstanceKey, Call),
    ) -> Option<(u64, Request)> {
        let lane = lanes.get_mut(&key)?;
        let request = match call {
            Call::Poll => lane.poll()?,
            call => lane.message(call, scene, &mut out.pages)?.alone(),
        };
        let number = self.number();
        let is_repeat = board(lane, call, number);
        out.counters.request(is_repeat);
        let bytes = request.body.len();
        self.bytes += bytes;
        let flight = Flight { calls: vec![(key, call)], is_bulk: false, epoch: backoff.epoch(), bytes };
        self.open.insert(number, flight);
        Some((number, request))
    }

    /// As many calls of spans as fit, with what may follow them.
    fn together(
        &mut self,
        lanes: &mut KeyMap<InstanceKey, Lane>,
        out: &mut Outbox,
        backoff: &Backoff,
        scene: &Scene<'_>,
    ) -> Option<(u64, Request)> {
        let number = self.number();
        let mut bulk = Bulk::with_capacity(0);
        let (mut calls, mut is_repeat) = (Vec::new(), false);
        // What follows calls that are on board comes before what waits outside.
        let mut followers: VecDeque<(InstanceKey, Call)> = VecDeque::new();
        while let Some((key, call)) = followers.pop_front().or_else(|| out.spans.pop_front()) {
            let Some(lane) = lanes.get_mut(&key) else { continue };
            if lane.passage(call, number) == Passage::Waits {
                continue;
            }
            let goes_alone = !goes_in_bulk(lane, call, out);
            let Some(message) = lane.message(call, scene, &mut out.pages) else { continue };
            let is_full = calls.len() >= self.company.max() || bulk.size() + message.size() > self.max_bytes;
            if !calls.is_empty() && (goes_alone || is_full) {
                followers.push_front((key, call));
                break;
            }
            if !goes_alone {
                if calls.is_empty() {
                    let items = self.company.max().min(out.spans.len() + 1);
                    // They are seldom of one size: an eighth more than if they were.
                    let bytes = message.size() * items;
                    bulk = Bulk::with_capacity(self.max_bytes.min(bytes + bytes / 8));
                }
                bulk.push(message);
            }
            is_repeat |= board(lane, call, number);
            calls.push((key, call));
            if goes_alone {
                break;
            }
            if out.capabilities.holds(Capability::BulkCreate) && out.capabilities.holds(Capability::ClientIds)
            {
                for follower in lane.dependents(call).into_iter().rev() {
                    followers.push_front((key, follower));
                }
            }
        }
        // What found no room goes back to where it waited.
        for (key, call) in followers.into_iter().rev() {
            if lanes.get_mut(&key).is_some_and(|lane| lane.passage(call, 0) == Passage::Free) {
                out.ready_again(key, call);
            }
        }
        let &(key, call) = calls.first()?;
        out.counters.request(is_repeat);
        let is_bulk = calls.len() > 1;
        let request = if is_bulk {
            bulk.request()
        } else {
            lanes.get_mut(&key)?.message(call, scene, &mut out.pages)?.alone()
        };
        let bytes = request.body.len();
        self.bytes += bytes;
        self.open.insert(number, Flight { calls, is_bulk, epoch: backoff.epoch(), bytes });
        Some((number, request))
    }
}

/// Marks a call as under way. Whether it was before.
fn board(lane: &mut Lane, call: Call, number: u64) -> bool {
    let Some(attempt) = lane.attempt(call) else { return false };
    attempt.flight = Some(number);
    attempt.tries += 1;
    attempt.tries > 1
}

fn goes_in_bulk(lane: &mut Lane, call: Call, out: &mut Outbox) -> bool {
    let is_alone = lane.attempt(call).is_some_and(|attempt| attempt.is_alone);
    if !is_alone {
        // The one in doubt is always first in line: when it is not, it is gone, and the doubt with it.
        out.capabilities.forget_doubts();
    }
    let capabilities = &out.capabilities;
    !is_alone
        && capabilities.is_worth_trying(Capability::Bulk)
        && capabilities.is_worth_trying(Capability::BulkCreate)
        && capabilities.is_worth_trying(call.in_bulk())
}
