//! The fault matrix, as far as it needs no socket: shutdowns, to the millisecond.

use std::time::Duration;

use super::model::{error, response};
use super::sim::{SECOND, Sim};
use crate::transport::{Response, SendError, SendResult};
use crate::types::stats::DropReason;

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn f33_shutdown_with_ten_thousand_operations_queued() {
    let mut sim = Sim::proven();
    sim.offer(0..5_000);
    assert_eq!(sim.usage.reading().0, 10_000);
    let begin = sim.now;
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 5, |model, request, _| (MILLISECOND * 5, model.answer(request)));
    assert!(sim.stopped_at.unwrap() - begin < SECOND * 5 && sim.replies[0].is_complete);
    sim.assert_delivered();
}

#[test]
fn f34_shutdown_with_a_slow_server_ends_at_its_deadline() {
    for refuses_bulk in [false, true] {
        let mut sim = Sim::active();
        sim.model.refuses_bulk = refuses_bulk;
        sim.offer(0..5_000);
        let begin = sim.now;
        sim.shutdown(SECOND * 5);
        sim.run(SECOND * 6, |model, request, _| (MILLISECOND * 500, model.answer(request)));
        assert!(sim.stopped_at.unwrap() - begin <= SECOND * 5);
        let report = &sim.replies[0];
        let stats = &report.stats;
        let dropped = stats.dropped(DropReason::ShutdownDeadline);
        assert_eq!((stats.acknowledged + dropped + stats.unknown, stats.outstanding), (5_000, 0), "{report}");
        assert_eq!((report.is_complete, dropped == 0), (!refuses_bulk, !refuses_bulk), "{report}");
        assert!(stats.acknowledged >= 250, "it goes on to the last: {report}");
        sim.assert_conserved();
        sim.assert_settled();
    }
}

#[test]
fn f35_shutdown_while_a_request_hangs() {
    let mut sim = Sim::proven();
    sim.offer(0..10);
    let begin = sim.now;
    sim.shutdown(SECOND * 5);
    sim.run(SECOND * 6, |_, _, _| (SECOND * 60, Err(SendError::unanswered("never"))));
    assert_eq!(sim.stopped_at.unwrap() - begin, SECOND * 5);
    let stats = &sim.replies[0].stats;
    assert_eq!((stats.unknown, stats.dropped_total()), (10, 0), "apart from what was never sent");
}

/// Beside a server that is well by then: one try at least comes before the deadline, at once where the pause was our own.
#[test]
fn shutdown_shortens_every_pause() {
    let pauses: [(SendResult, bool); 3] = [
        (Err(SendError::unanswered("refused")), true),
        (response(401, &error("bad_authtoken")), true),
        (Ok(Response::new(503, "").with_retry_after(SECOND * 60)), false),
    ];
    for (answer, is_own) in pauses {
        let mut sim = Sim::proven();
        sim.offer(0..50);
        sim.run(SECOND * 200, |_, _, _| (MILLISECOND, answer.clone()));
        let (begin, mut first) = (sim.now, None);
        sim.shutdown(SECOND * 20);
        sim.run(SECOND * 20, |model, request, now| {
            first.get_or_insert(now);
            (MILLISECOND, model.answer(request))
        });
        let waited = first.unwrap() - begin;
        assert!(waited < SECOND * 20 && (waited.is_zero() || !is_own), "{waited:?} after {answer:?}");
        assert!(sim.replies[0].is_complete, "{}", sim.replies[0]);
        sim.assert_delivered();
    }
}

#[test]
fn token_refused_at_the_last_try_ends_the_shutdown_at_once() {
    let gateway = Ok(Response::new(401, "<html><body>who are you?</body></html>"));
    for (answer, is_api) in [(response(401, &error("bad_authtoken")), true), (gateway, false)] {
        let mut sim = Sim::proven();
        sim.offer(0..10);
        sim.run(SECOND * 60, |_, _, _| (MILLISECOND, Err(SendError::not_sent("refused"))));
        let begin = sim.now;
        sim.shutdown(SECOND * 20);
        sim.run(SECOND * 20, |_, _, _| (MILLISECOND, answer.clone()));
        let waited = sim.stopped_at.unwrap() - begin;
        assert_eq!(waited, if is_api { MILLISECOND } else { SECOND * 20 }, "{answer:?}");
        let stats = sim.stats();
        let refused = stats.dropped(DropReason::Auth);
        let left = stats.dropped(DropReason::ShutdownDeadline) + stats.unknown;
        assert_eq!((refused, left), if is_api { (10, 0) } else { (0, 10) }, "{stats:?}");
        assert!(!sim.replies[0].is_complete);
        sim.assert_settled();
    }
}
