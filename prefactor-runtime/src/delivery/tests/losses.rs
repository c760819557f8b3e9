//! A run of which spans are missing says so on the platform, by a span that is none of the program's.

use serde_json::json;

use super::model::error;
use super::sim::{INSTANCE, SECOND, Sim, brief};
use crate::transport::Request;
use crate::types::stats::DropReason;
use crate::types::status::InstanceStatus;

/// More than the queue of the tests holds, each a start and an end.
const TOO_MANY: u32 = 6_000;

fn overfilled(sim: &mut Sim) -> u64 {
    sim.offer(0..TOO_MANY);
    let dropped = sim.stats().dropped(DropReason::QueueFull);
    assert!(dropped > 0);
    dropped
}

fn tells(request: &Request) -> bool {
    brief(std::slice::from_ref(request))[0].contains("prefactor:lost")
}

#[test]
fn f29_a_run_that_lost_spans_says_so_before_its_finish() {
    let mut sim = Sim::active();
    let dropped = overfilled(&mut sim);
    sim.finish_instance(InstanceStatus::Complete);
    let requests = sim.settle();
    let [.., notice, finish] = &requests[..] else { panic!("{:?}", brief(&requests)) };
    assert!(
        tells(notice) && brief(std::slice::from_ref(finish)) == ["finish complete"],
        "{:?}",
        brief(&requests)
    );
    let [notice] = &sim.model.notices[..] else { panic!("{:?}", sim.model.notices) };
    assert_eq!((&notice["spans"], &notice["reasons"]), (&json!(dropped), &json!({ "queue_full": dropped })));
    assert!(notice["setting"].as_str().unwrap().contains("PREFACTOR_MAX_QUEUE_BYTES"), "{notice}");
    let stats = sim.stats();
    assert_eq!((stats.created, stats.acknowledged), (TOO_MANY.into(), sim.model.ended()), "{stats:?}");
    assert_eq!(stats.runs.finished, 1);
    sim.assert_conserved();
    sim.assert_settled();
}

#[test]
fn shutdown_tells_of_losses_of_a_run_that_goes_on() {
    let mut sim = Sim::active();
    let dropped = overfilled(&mut sim);
    sim.shutdown(SECOND * 60);
    sim.settle();
    assert_eq!(sim.model.notices[0]["spans"], dropped);
    assert!(sim.replies[0].is_complete && sim.is_stopped);
    sim.assert_settled();
}

#[test]
fn spans_that_the_api_refused_are_told_of_by_reason() {
    let mut sim = Sim::proven();
    sim.model.refuse(|item| {
        let is_refused = ["test:1", "test:2"].contains(&item.schema_name());
        is_refused.then(|| (422, error("validation_errors")))
    });
    sim.spans(INSTANCE, 0..4);
    sim.finish_instance(InstanceStatus::Complete);
    sim.run(SECOND * 60, |model, request, _| (SECOND / 100, model.answer(request)));
    let [notice] = &sim.model.notices[..] else { panic!("{:?}", sim.model.notices) };
    assert_eq!(notice["reasons"], json!({ "rejected": 2 }));
    assert_eq!((sim.stats().dropped(DropReason::Rejected), sim.stats().runs.finished), (2, 1));
    sim.assert_settled();
}

#[test]
fn notice_that_the_api_refuses_is_no_loss_and_holds_up_nothing() {
    let mut sim = Sim::active();
    let dropped = overfilled(&mut sim);
    sim.model
        .refuse(|item| (item.schema_name() == "prefactor:lost").then(|| (422, error("validation_errors"))));
    sim.finish_instance(InstanceStatus::Complete);
    sim.run(SECOND * 60, |model, request, _| (SECOND / 100, model.answer(request)));
    let stats = sim.stats();
    assert_eq!((stats.dropped_total(), stats.runs.finished), (dropped, 1), "{stats:?}");
    assert!(sim.model.notices.is_empty());
    sim.assert_conserved();
    sim.assert_settled();
}

#[test]
fn notice_on_its_way_at_the_deadline_is_in_no_count() {
    let mut sim = Sim::active();
    let dropped = overfilled(&mut sim);
    while !sim.open.iter().any(|(_, request)| tells(request)) {
        sim.pass(SECOND * 20);
        sim.serve();
    }
    sim.shutdown(SECOND);
    sim.pass(SECOND);
    let stats = sim.stats();
    assert_eq!((stats.dropped_total(), stats.unknown, stats.outstanding), (dropped, 0, 0), "{stats:?}");
    assert_eq!(stats.runs.lost, 1, "{stats:?}");
}

/// A run of hours: rounds of polls come every 15 s.
#[test]
fn losses_that_grow_are_told_of_each_time_that_they_double() {
    let mut sim = Sim::active();
    for _ in 0..100 {
        sim.refuse();
        sim.run(SECOND * 16, |model, request, _| (SECOND / 100, model.answer(request)));
    }
    let told: Vec<_> = sim.model.notices.iter().map(|notice| notice["spans"].as_u64().unwrap()).collect();
    assert_eq!(told, [1, 2, 4, 8, 16, 32, 64]);
    sim.finish_instance(InstanceStatus::Complete);
    sim.settle();
    assert_eq!(sim.model.notices.last().unwrap()["spans"], 100);
    assert_eq!((sim.stats().created, sim.stats().runs.finished), (0, 1));
}

#[test]
fn run_that_lost_nothing_says_nothing() {
    let mut sim = Sim::active();
    sim.offer(0..100);
    sim.finish_instance(InstanceStatus::Complete);
    sim.run(SECOND * 60, |model, request, _| (SECOND / 100, model.answer(request)));
    assert!(sim.model.notices.is_empty());
    sim.assert_delivered();
}
