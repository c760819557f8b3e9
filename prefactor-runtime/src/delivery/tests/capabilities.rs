//! Ways of delivery that the API refused: each is left, and tried again after ten minutes.

use std::time::Duration;

use serde_json::json;

use super::model::{Model, error};
use super::sim::{INSTANCE, SECOND, Sim, brief};
use crate::transport::Request;
use crate::types::stats::Fallback;
use crate::types::status::SpanStatus;

/// A second later it is tried again, as the documentation of [`Fallback`] says.
const JUST_BEFORE: Duration = Duration::from_secs(599);

/// Makes the API refuse a way, later take it again, and gives how often the way was gone: while it was refused, just
/// before the time, and from then on.
fn gone(
    fallback: Fallback,
    refuse: impl Fn(&mut Model),
    work: impl Fn(&mut Sim, u32) -> Vec<Request>,
    is_way: impl Fn(&Request) -> bool,
) -> [usize; 3] {
    let mut sim = Sim::active();
    let count = |requests: Vec<Request>| requests.iter().filter(|request| is_way(request)).count();
    refuse(&mut sim.model);
    let refused = count(work(&mut sim, 0));
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [fallback]);
    sim.model.rules.clear();
    sim.model.refuses_bulk = false;
    sim.pass(JUST_BEFORE);
    sim.settle();
    let left = count(work(&mut sim, 100));
    sim.pass(SECOND);
    sim.settle();
    let again = count(work(&mut sim, 200));
    sim.assert_delivered();
    [refused, left, again]
}

/// Starts and finishes ten spans, in two goes.
fn ten_spans(sim: &mut Sim, first: u32, status: SpanStatus) -> Vec<Request> {
    for number in first..first + 10 {
        sim.start(number, None);
    }
    let mut requests = sim.settle();
    for number in first..first + 10 {
        sim.finish(number, status);
    }
    requests.extend(sim.settle());
    requests
}

#[test]
fn bulk_requests_that_were_refused_are_tried_again_after_ten_minutes() {
    let [refused, left, again] = gone(
        Fallback::SingleRequests,
        |model| model.refuses_bulk = true,
        |sim, first| {
            sim.spans(INSTANCE, first..first + 10);
            sim.settle()
        },
        |request| request.path.ends_with("/bulk"),
    );
    assert!(refused > 0 && left == 0 && again > 0, "{refused}, {left}, {again}");
}

#[test]
fn finishes_in_bulk_that_were_refused_are_tried_again_after_ten_minutes() {
    let [refused, left, again] = gone(
        Fallback::SingleFinishes,
        |model| {
            model.refuse(|item| {
                let is_meant = item.what == "agent_spans/finish" && item.is_in_bulk;
                is_meant.then(|| (422, error("unsupported")))
            });
        },
        |sim, first| ten_spans(sim, first, SpanStatus::Complete),
        |request| request.path.ends_with("/bulk") && request.body.windows(6).any(|part| part == b"finish"),
    );
    assert!(refused > 0 && left == 0 && again > 0, "{refused}, {left}, {again}");
}

#[test]
fn client_ids_that_were_refused_are_tried_again_after_ten_minutes() {
    let [refused, left, again] = gone(
        Fallback::ServerIds,
        |model| {
            model.makes_ids = true;
            model.refuse(|item| {
                let mut refusal = error("validation_errors");
                refusal["errors"] = json!({ "id": ["is not in your partition"] });
                item.body.pointer("/details/id").is_some().then_some((422, refusal))
            });
        },
        |sim, first| {
            sim.model.makes_ids = !sim.model.rules.is_empty() || first == 100;
            sim.start(first, None);
            let requests = sim.settle();
            sim.finish(first, SpanStatus::Complete);
            sim.settle();
            requests
        },
        |request| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
            body.pointer("/details/id").is_some()
        },
    );
    assert!(refused > 0 && left == 0 && again > 0, "{refused}, {left}, {again}");
}

#[test]
fn cancellations_that_were_refused_are_tried_again_after_ten_minutes() {
    let [refused, left, again] = gone(
        Fallback::CancelledAsFailed,
        |model| {
            model.refuse(|item| {
                (item.body["status"] == "cancelled").then(|| (422, error("validation_errors")))
            });
        },
        |sim, first| {
            sim.start(first, None);
            sim.settle();
            sim.finish(first, SpanStatus::Cancelled);
            sim.settle()
        },
        |request| brief(std::slice::from_ref(request)).iter().any(|brief| brief.contains("cancelled")),
    );
    assert!(refused > 0 && left == 0 && again > 0, "{refused}, {left}, {again}");
}
