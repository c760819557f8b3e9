//! The fault matrix, as far as it needs no socket: shutdowns, to the millisecond.

use std::time::Duration;

use super::sim::{SECOND, Sim};
use crate::transport::SendError;
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
    // In bulk half a second a request is time enough for all. One by one it is not.
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
