//! The fault matrix, as far as it needs no socket: answers that are lost on their way.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::sim::{INSTANCE, SECOND, Sim};
use crate::transport::SendError;
use crate::types::status::SpanStatus;

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn f18_half_an_answer_is_no_answer() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..10);
    let is_first = Rc::new(Cell::new(true));
    sim.run(SECOND * 10, move |model, request, _| {
        let answer = model.answer(request);
        let whole = !is_first.replace(false);
        (
            MILLISECOND,
            if whole { answer } else { Err(SendError::unanswered("the connection was closed early")) },
        )
    });
    sim.assert_delivered();
}

#[test]
fn f21_reset_after_the_server_applied() {
    let mut sim = Sim::proven();
    for number in 0..20 {
        sim.start(number, None);
        sim.finish(number, [SpanStatus::Complete, SpanStatus::Cancelled][number as usize % 2]);
    }
    let turn = Rc::new(Cell::new(0));
    sim.run(SECOND * 300, move |model, request, _| {
        let answer = model.answer(request);
        turn.set(turn.get() + 1);
        (MILLISECOND, if turn.get() % 2 == 0 { answer } else { Err(SendError::unanswered("reset")) })
    });
    sim.assert_delivered();
}

#[test]
fn f23_a_connection_that_ended_costs_no_pause_the_first_time() {
    for is_applied in [true, false] {
        let mut sim = Sim::proven();
        sim.spans(INSTANCE, 0..100);
        let (id, first) = sim.open.remove(0);
        if is_applied {
            let _ = sim.model.answer(&first);
        }
        sim.answer_to(id, &Err(SendError::connection_closed("the connection was closed")));
        assert_eq!(sim.open.len(), 1, "it is sent again at once");
        assert!(sim.log.is_empty(), "{:?}", sim.log);
        let (id, second) = sim.open.remove(0);
        assert!(first == second, "with the same bytes");
        sim.answer_to(id, &Err(SendError::connection_closed("the connection was closed")));
        assert!(sim.open.is_empty(), "the second time is a failure like others");
        assert_eq!(sim.log.len(), 1, "{:?}", sim.log);
        sim.run(SECOND * 10, |model, request, _| (MILLISECOND, model.answer(request)));
        sim.assert_delivered();
    }
}

#[test]
fn f23_connections_that_ended_together_are_made_up_for_together() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..2_000);
    let under_way: Vec<_> = sim.open.drain(..).map(|(id, _)| id).collect();
    assert_eq!(under_way.len(), 4);
    for id in under_way {
        sim.answer_to(id, &Err(SendError::connection_closed("the connection was closed")));
    }
    assert_eq!(sim.open.len(), 4, "all are sent again at once");
    sim.settle();
    sim.assert_delivered();
}

#[test]
fn f23_a_server_that_closes_every_connection_is_asked_once_more_and_not_more_often() {
    let mut tries = [0, 0];
    for (tries, answer) in tries
        .iter_mut()
        .zip([Err(SendError::unanswered("reset")), Err(SendError::connection_closed("reset"))])
    {
        let mut sim = Sim::proven();
        sim.spans(INSTANCE, 0..500);
        let counted = Rc::new(Cell::new(0));
        let count = Rc::clone(&counted);
        sim.run(SECOND * 60, move |_, _, _| {
            count.set(count.get() + 1);
            (MILLISECOND, answer.clone())
        });
        *tries = counted.get();
    }
    let [without, with] = tries;
    assert!(
        with <= without + 1 && with <= 20,
        "{with} tries in a minute, and {without} where each costs a pause"
    );
}
