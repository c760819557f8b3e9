//! Errors of the API name no object, so that behind a proxy one answer out of step they may be another request's: the client believes an error
//! that the same bytes get twice.

use super::model::{error, response};
use super::sim::{SECOND, Sim, brief};
use crate::transport::{Response, SendResult};
use crate::types::stats::DropReason;
use crate::types::status::{InstanceStatus, SpanStatus};

const ERRORS: [(u16, &str); 6] = [
    (409, "conflict"),
    (409, "invalid_action"),
    (404, "not_found"),
    (403, "forbidden"),
    (413, "payload_too_large"),
    (422, "validation_errors"),
];

/// Each request of a run's life, one after another, is answered with an error of another request.
#[test]
fn error_of_another_request_refuses_nothing_and_acknowledges_nothing() {
    for (status, code) in ERRORS {
        let stray = response(status, &error(code));
        let mut sim = Sim::registering();
        for step in ["register", "start", "create", "finish", "note", "finish of the run"] {
            match step {
                "create" => sim.start(1, None),
                "finish" => sim.finish(1, SpanStatus::Cancelled),
                "note" => sim.call_of_run(900),
                "finish of the run" => sim.finish_instance(InstanceStatus::Complete),
                _ => {}
            }
            let request = sim.answer(stray.clone());
            sim.pass(SECOND * 60);
            let again: Vec<_> = sim.open.iter().map(|(_, request)| request.clone()).collect();
            assert_eq!(again.len(), 1, "{status} {code} to {step}: {:?}", brief(&again));
            assert_eq!(again[0].body, request.body, "{status} {code} to {step}");
            sim.serve();
        }
        sim.settle();
        let stats = sim.stats();
        assert_eq!((stats.acknowledged, stats.dropped_total()), (stats.created, 0), "{code}: {stats:?}");
        assert_eq!(
            (stats.runs.started, stats.runs.finished, stats.runs.lost),
            (1, 1, 0),
            "{code}: {stats:?}"
        );
        assert_eq!(stats.run_calls.acknowledged, 1, "{code}: {stats:?}");
        sim.assert_delivered();
    }
}

/// A proxy whose answers are all of others gives a call one error after another, and none twice in a row.
#[test]
fn errors_that_differ_are_odd_answers() {
    let mut sim = Sim::proven();
    let mut errors = ERRORS.iter().cycle();
    let begin = sim.now;
    sim.span(1, None);
    let mut tries = 0;
    sim.run(SECOND * 60, |model, request, now| {
        if now > begin + SECOND * 30 {
            return (SECOND / 1_000, model.answer(request));
        }
        tries += 1;
        let (status, code) = errors.next().unwrap();
        (SECOND / 1_000, response(*status, &error(code)))
    });
    assert!((2..=20).contains(&tries), "{tries} tries in half a minute");
    assert!(sim.log.iter().any(|line| line.contains("is not the API's")), "{:?}", sim.log);
    sim.assert_delivered();
}

fn refused(mut sim: Sim, answers: &[SendResult]) -> (u64, u64) {
    for answer in answers {
        sim.answer(answer.clone());
        sim.pass(SECOND);
    }
    let before = sim.stats().retries;
    sim.span(9, None);
    sim.answer(response(422, &error("validation_errors")));
    sim.pass(SECOND);
    sim.settle();
    (sim.stats().dropped(DropReason::Rejected), sim.stats().retries - before)
}

/// The client believes an error at once that the API has given for certain before, until something else than its answers has come.
#[test]
fn error_that_was_confirmed_is_believed_at_once_until_the_next_odd_answer() {
    let refusal = || response(422, &error("validation_errors"));
    let one = || {
        let mut sim = Sim::proven();
        sim.span(1, None);
        sim
    };
    assert_eq!(refused(one(), &[refusal(), refusal()]), (2, 0));
    assert_eq!(
        refused(one(), &[response(409, &error("conflict")), response(409, &error("conflict"))]),
        (1, 1)
    );
    let page = Ok(Response::new(404, "<html></html>"));
    let mut sim = one();
    sim.answer_twice(&refusal());
    sim.span(2, None);
    sim.answer(page);
    for dropped in [1, 2] {
        sim.pass(SECOND);
        sim.answer(refusal());
        assert_eq!(
            sim.stats().dropped(DropReason::Rejected),
            dropped,
            "after a page an error is confirmed anew"
        );
    }
}
