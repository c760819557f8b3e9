//! Runs: what is counted of them, and when they are forgotten.

use super::model::{INSTANCE_ID, error};
use super::sim::{INSTANCE, SECOND, Sim};
use crate::config::settings::Identity;
use crate::operation::{InstanceRecord, Operation};
use crate::platform::clock::Timestamp;
use crate::transport::Response;
use crate::types::agent::Agent;
use crate::types::pfid::Pfid;
use crate::types::registration::{Attached, Registration};
use crate::types::stats::Stats;
use crate::types::status::InstanceStatus;

fn release(sim: &mut Sim) {
    sim.operation(Operation::ReleaseInstance { instance: INSTANCE, at: Timestamp::now() });
}

/// The run of another process.
fn joined() -> Sim {
    let mut run = Registration::new(Agent::new("test"));
    run.attached = Some(Attached::Id(INSTANCE_ID.to_owned()));
    Sim::new(Identity::default(), InstanceRecord::new(INSTANCE, run))
}

fn calls(stats: &Stats) -> [u64; 5] {
    let calls = stats.run_calls;
    [calls.created, calls.acknowledged, calls.lost, calls.unknown, calls.outstanding]
}

#[test]
fn run_is_forgotten_when_its_last_handle_goes_after_all_is_settled() {
    let mut sim = Sim::active();
    sim.finish_instance(InstanceStatus::Complete);
    sim.settle();
    release(&mut sim);
    assert_eq!(sim.core.runs(), 0);

    let mut sim = joined();
    sim.spans(INSTANCE, 0..3);
    sim.settle();
    release(&mut sim);
    assert_eq!((sim.core.runs(), sim.stats().acknowledged), (0, 3));

    let mut sim = Sim::registering();
    sim.model.refuse(|item| (item.what == "register").then(|| (422, error("validation_errors"))));
    sim.settle();
    release(&mut sim);
    assert_eq!((sim.core.runs(), sim.stats().runs.lost), (0, 1));
}

#[test]
fn process_that_only_joins_runs_learns_the_partition_from_them() {
    let mut sim = joined();
    assert_eq!(sim.core.partition(), None, "a caller's word is not the API's");
    sim.spans(INSTANCE, 0..1);
    sim.settle();
    assert_eq!(sim.core.partition(), Some(INSTANCE_ID.parse::<Pfid>().unwrap().partition()));
}

#[test]
fn calls_of_runs_are_counted_by_what_became_of_them() {
    let mut sim = Sim::active();
    sim.call_of_run(1);
    assert_eq!(calls(&sim.stats()), [1, 0, 0, 0, 1]);
    sim.settle();
    assert_eq!(calls(&sim.stats()), [1, 1, 0, 0, 0]);
    sim.model.refuse(|item| (item.what == "record_quality").then(|| (422, error("validation_errors"))));
    sim.call_of_run(2);
    sim.settle();
    assert_eq!(calls(&sim.stats()), [2, 1, 1, 0, 0]);
    sim.assert_conserved();
}

#[test]
fn calls_of_runs_that_a_shutdown_cuts_off_are_lost_or_unknown() {
    for (mut sim, counts) in [(Sim::active(), [1, 0, 0, 1, 0]), (Sim::registering(), [1, 0, 1, 0, 0])] {
        sim.call_of_run(1);
        sim.shutdown(SECOND);
        sim.pass(SECOND);
        assert!(sim.is_stopped);
        assert_eq!(calls(&sim.stats()), counts);
        assert!(
            sim.replies[0].to_string().contains("qualities, alerts and terminations"),
            "{}",
            sim.replies[0]
        );
        sim.assert_conserved();
    }
}

/// Odd answers to one call, with successes of others between them.
#[test]
fn call_of_a_run_that_is_given_up_is_unknown() {
    let mut sim = Sim::proven();
    sim.call_of_run(900);
    for number in 0..40 {
        sim.span(number, None);
        sim.run(SECOND * 5, |model, request, _| {
            let is_poisoned = request.path.ends_with("/record_quality");
            (SECOND / 1_000, if is_poisoned { Ok(Response::new(404, "")) } else { model.answer(request) })
        });
    }
    assert_eq!(calls(&sim.stats()), [1, 0, 0, 1, 0]);
    sim.assert_settled();
}

#[test]
fn calls_of_a_run_that_the_api_refused_are_lost() {
    let mut sim = Sim::registering();
    sim.model.refuse(|item| (item.what == "register").then(|| (422, error("validation_errors"))));
    sim.call_of_run(1);
    sim.settle();
    sim.call_of_run(2);
    assert_eq!(calls(&sim.stats()), [2, 0, 2, 0, 0]);
    sim.assert_settled();
}
