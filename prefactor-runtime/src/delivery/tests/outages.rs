//! The fault matrix, as far as it needs no socket: hours of outage in milliseconds.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::bulk::large;
use super::model::{Model, error, response};
use super::sim::{INSTANCE, SECOND, Sim, json};
use crate::transport::{Request, Response, SendError, SendResult};
use crate::types::stats::DropReason;

const MILLISECOND: Duration = Duration::from_millis(1);

/// A server that is out of reach at first.
fn down_until(up: Instant) -> impl FnMut(&mut Model, &Request, Instant) -> (Duration, SendResult) {
    move |model, request, now| {
        if now < up {
            (MILLISECOND, Err(SendError::unanswered("refused")))
        } else {
            (MILLISECOND * 5, model.answer(request))
        }
    }
}

/// Lets the clock run, and says when the server was asked, and how often the core was.
fn tries(
    sim: &mut Sim,
    time: Duration,
    mut server: impl FnMut(&mut Model, &Request, Instant) -> (Duration, SendResult),
) -> (Vec<Instant>, usize) {
    let mut times = Vec::new();
    let steps = sim.run(time, |model, request, now| {
        times.push(now);
        server(model, request, now)
    });
    (times, steps)
}

#[test]
fn f01_down_at_the_start() {
    let mut sim = Sim::registering();
    sim.offer(0..1_000);
    sim.run(SECOND * 60, down_until(sim.now + SECOND * 20));
    sim.assert_delivered();
    assert_eq!((sim.stats().created, sim.stats().dropped_total()), (1_000, 0));
}

#[test]
fn f02_never_up() {
    let mut sim = Sim::registering();
    sim.offer(0..100_000);
    let never = sim.now + SECOND * 3_600;
    let (tries, _) = tries(&mut sim, SECOND * 60, down_until(never));
    assert!(tries.len() <= 20, "{} tries in a minute", tries.len());
    let begin = sim.now;
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 6, down_until(never));
    assert!(sim.is_stopped && sim.stopped_at.unwrap() - begin <= SECOND * 5);
    let stats = sim.stats();
    let [full, late] =
        [DropReason::QueueFull, DropReason::ShutdownDeadline].map(|reason| stats.dropped(reason));
    // The registration and the start of the instance take room in the queue as well.
    assert_eq!((full, late, full + late), (95_001, 4_999, stats.created), "{stats:?}");
    sim.assert_settled();
}

/// How often the worker has to look after something is what it costs the processor.
#[test]
fn f02_waiting_for_a_server_is_no_work() {
    let mut sim = Sim::registering();
    sim.offer(0..100_000);
    let never = sim.now + SECOND * 3_600;
    let (tries, steps) = tries(&mut sim, SECOND * 60, down_until(never));
    assert!(steps <= 3 * tries.len() + 3, "{steps} steps for {} tries", tries.len());
}

#[test]
fn f03_down_in_the_middle_for_a_minute() {
    let mut sim = Sim::proven();
    sim.offer(0..1_000);
    let up = sim.now + SECOND * 60;
    sim.run(SECOND * 60, down_until(up));
    assert_eq!(sim.stats().outstanding, 1_000);
    sim.run(SECOND * 35, down_until(up));
    sim.assert_delivered();
}

#[test]
fn f03_down_in_the_middle_for_ten_minutes_of_work() {
    let mut sim = Sim::proven();
    let up = sim.now + SECOND * 600;
    for second in 0..600 {
        sim.offer(second * 100..(second + 1) * 100);
        sim.run(SECOND, down_until(up));
    }
    let before = sim.stats();
    sim.run(SECOND * 35, down_until(up));
    let stats = sim.stats();
    assert!(
        stats.acknowledged > before.acknowledged,
        "first delivery within 35 s of the recovery: {stats:?}"
    );
    let full = stats.dropped(DropReason::QueueFull);
    assert_eq!(
        (full, stats.dropped_total()),
        (55_000, 55_000),
        "what the queue cannot hold, and nothing else"
    );
    assert_eq!((stats.acknowledged + full, sim.model.ended()), (stats.created, stats.acknowledged));
    sim.assert_settled();
}

#[test]
fn f04_requests_that_time_out_get_smaller_and_are_logged_as_slow() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..400);
    let mut sizes = Vec::new();
    for _ in 0..4 {
        while sim.open.is_empty() {
            sim.pass(SECOND);
        }
        let items = |request: &Request| json(request)["items"].as_array().map_or(1, Vec::len);
        sizes.push(sim.open.iter().map(|(_, request)| items(request)).max().unwrap());
        for (id, _) in std::mem::take(&mut sim.open) {
            sim.answer_to(id, &Err(SendError::timed_out("no response within 10 s")));
        }
    }
    assert_eq!(sizes, [400, 100, 25, 6]);
    let said = |word: &str| sim.log.iter().any(|line| line.contains(word));
    assert!(said("is slow") && said("smaller requests") && !said("out of reach"), "{:?}", sim.log);
    sim.run(SECOND * 120, |model, request, _| (MILLISECOND, model.answer(request)));
    sim.assert_delivered();
}

/// The sizes of the requests of so many spans of nine kilobytes each, all made at once, and when they were sent. A server that is
/// slow until then gives no response in time.
fn sizes(
    sim: &mut Sim,
    spans: std::ops::Range<u32>,
    time: Duration,
    slow_until: Instant,
) -> Vec<(Instant, usize)> {
    spans.for_each(|number| sim.created(large(number, 1)));
    sim.advance();
    let mut sizes = Vec::new();
    sim.run(time, |model, request, now| {
        sizes.push((now, request.body.len()));
        if now < slow_until {
            (SECOND * 10, Err(SendError::timed_out("no response within 10 s")))
        } else {
            (MILLISECOND, model.answer(request))
        }
    });
    sizes
}

#[test]
fn f04_requests_get_larger_again_once_the_server_answers_in_time() {
    const SPANS: u32 = 1_000;
    const NEARLY_WHOLE: usize = 900 << 10;
    let largest = |sizes: &[(Instant, usize)]| sizes.iter().map(|(_, bytes)| *bytes).max().unwrap();
    let mut sim = Sim::proven();
    let (first, begin) = (sim.now, sim.now + SECOND);
    assert!(largest(&sizes(&mut sim, 0..SPANS, SECOND, first)) > NEARLY_WHOLE);

    let slow_until = begin + SECOND * 40;
    let sent = sizes(&mut sim, SPANS..2 * SPANS, SECOND * 65, slow_until);
    let (slow, well): (Vec<_>, Vec<_>) = sent.into_iter().partition(|(at, _)| *at < slow_until);
    let least = slow.last().unwrap().1;
    assert!(least < 100 << 10, "{slow:?}");
    let after = largest(&well);
    assert!(
        (3 * least..=512 << 10).contains(&after),
        "at most half of what failed first: {after} after {least}"
    );

    let mut later = 0;
    for burst in 2..6 {
        later = largest(&sizes(&mut sim, burst * SPANS..(burst + 1) * SPANS, SECOND * 15, slow_until));
    }
    assert!(later > NEARLY_WHOLE, "{later}: a minute later the failure is forgotten");
    sim.assert_delivered();
}

#[test]
fn f05_answers_after_thirty_seconds_with_the_operation_applied_at_once() {
    let mut sim = Sim::proven();
    sim.offer(0..100);
    let left = Cell::new(3);
    let begin = sim.now;
    let (tries, _) = tries(&mut sim, SECOND * 120, |model, request, _| {
        let answer = model.answer(request);
        if left.replace(left.get().max(1) - 1) > 0 {
            return (SECOND * 10, Err(SendError::unanswered("timed out")));
        }
        (MILLISECOND, answer)
    });
    assert!(tries[1] - begin >= SECOND * 10, "the first is waited for");
    sim.assert_delivered();
}

#[test]
fn f07_retry_after_of_two_seconds_is_waited_for() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_to(id, &Ok(Response::new(429, "").with_retry_after(SECOND * 2)));
    sim.pass(Duration::from_millis(1_999));
    assert!(sim.open.is_empty());
    sim.pass(MILLISECOND);
    assert_eq!(sim.open.len(), 1);
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn f08_retry_after_of_hours_is_capped() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let (id, _) = sim.open.remove(0);
    sim.answer_to(id, &Ok(Response::new(503, "").with_retry_after(Duration::MAX)));
    sim.pass(MILLISECOND * 299_999);
    assert!(sim.open.is_empty());
    sim.pass(MILLISECOND);
    assert_eq!(sim.open.len(), 1);
    // A shutdown tries once more before its deadline, however long the server's `Retry-After` is.
    let (id, _) = sim.open.remove(0);
    sim.answer_to(id, &Ok(Response::new(503, "").with_retry_after(Duration::MAX)));
    let begin = sim.now;
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 300, down_until(begin));
    assert!(sim.stopped_at.unwrap() - begin < SECOND * 5);
    sim.assert_delivered();
}

#[test]
fn f09_a_burst_of_server_errors() {
    let mut all = Vec::new();
    for client in 0..50 {
        let mut sim = Sim::proven();
        for _ in 0..client {
            sim.fraction();
        }
        sim.offer(0..100);
        let (begin, answered) = (sim.now, Cell::new(0));
        let (times, _) = tries(&mut sim, SECOND * 3_600, |model, request, _| {
            answered.set(answered.get() + 1);
            (
                MILLISECOND,
                if answered.get() <= 20 { Ok(Response::new(500, "")) } else { model.answer(request) },
            )
        });
        sim.assert_delivered();
        let gaps: Vec<_> = times[..20].windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps[..8].is_sorted() && gaps[8..].iter().all(|gap| *gap >= SECOND * 30), "{gaps:?}");
        all.extend(times.iter().map(|time| time.duration_since(begin)));
    }
    all.sort();
    for first in 0..all.len() {
        let window = all[first] + Duration::from_millis(100);
        let within = all[first..].partition_point(|time| *time <= window);
        assert!(within * 5 <= all.len(), "{within} of {} tries at once", all.len());
    }
}

#[test]
fn f10_unavailable_for_ever() {
    let mut sim = Sim::proven();
    sim.offer(0..100);
    let mut unavailable = |_: &mut Model, _: &Request, _| (MILLISECOND, Ok(Response::new(503, "")));
    sim.run(SECOND * 120, &mut unavailable);
    let begin = sim.now;
    let (probes, _) = tries(&mut sim, SECOND * 600, &mut unavailable);
    assert!(probes.len() <= 20 && probes[0] - begin <= SECOND * 33, "{} probes in ten minutes", probes.len());
    for pair in probes.windows(2) {
        assert!(pair[1] - pair[0] >= SECOND * 30, "{:?}", pair[1] - pair[0]);
    }
    assert_eq!(sim.stats().outstanding, 100, "and nothing is given up");
}

#[test]
fn f11_a_token_that_is_renewed_after_a_minute() {
    let mut sim = Sim::proven();
    sim.offer(0..100);
    let renewed = sim.now + SECOND * 60;
    let mut server = |model: &mut Model, request: &Request, now| {
        (
            MILLISECOND,
            if now < renewed { response(401, &error("bad_authtoken")) } else { model.answer(request) },
        )
    };
    let (probes, _) = tries(&mut sim, SECOND * 60, &mut server);
    assert!((2..=3).contains(&probes.len()), "{} tries", probes.len());
    assert!(probes.windows(2).all(|pair| pair[1] - pair[0] >= SECOND * 30), "one probe in half a minute");
    assert_eq!(sim.stats().outstanding, 100, "what is queued is kept");
    sim.run(SECOND * 60, &mut server);
    sim.assert_delivered();
}

#[test]
fn f11_a_token_that_is_never_renewed() {
    let mut sim = Sim::proven();
    sim.offer(0..100);
    let mut server = |_: &mut Model, _: &Request, _| (MILLISECOND, response(401, &error("bad_authtoken")));
    sim.run(SECOND * 600, &mut server);
    assert_eq!(sim.stats().outstanding, 100);
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 5, &mut server);
    assert_eq!((sim.stats().dropped(DropReason::Auth), sim.stats().dropped_total()), (100, 100));
    sim.assert_settled();
}

/// A laptop's sleep: the clock has gone on by a minute, and the requests that were under way come to nothing.
#[test]
fn f44_a_minute_that_nobody_has_lived_through() {
    let mut sim = Sim::proven();
    sim.offer(0..2_000);
    let under_way: Vec<_> = sim.open.drain(..).map(|(id, _)| id).collect();
    assert!(under_way.len() > 1);
    sim.now += SECOND * 60;
    for id in under_way {
        sim.answer_to(id, &Err(SendError::unanswered("timed out")));
    }
    assert!(sim.open.is_empty(), "no burst");
    sim.pass(Duration::from_millis(250));
    assert_eq!(sim.open.len(), 1);
    sim.settle();
    assert_eq!(sim.stats().dropped_total(), 0);
    sim.assert_delivered();
}

#[test]
fn f58_who_has_nothing_to_deliver_says_nothing() {
    let mut sim = Sim::active();
    sim.span(1, None);
    sim.settle();
    let up = sim.now;
    let (requests, _) = tries(&mut sim, SECOND * 3_600, down_until(up));
    assert_eq!(requests.len(), 0);
    sim.assert_delivered();
}
