//! Random callers, servers and proxies: G1 to G3 hold after each step, and calls are given up by the rule only.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::error;
use super::sim::{SECOND, Sim, json as body_of};
use crate::operation::NoteKind;
use crate::transport::{Request, Response, SendError, SendResult};
use crate::types::stats::{DropReason, Stats};
use crate::types::status::SpanStatus;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Start {
        number: u32,
        parent: u32,
    },
    Finish {
        number: u32,
        status: SpanStatus,
    },
    /// Of the last handle of a span, whether it was started or not.
    Drop {
        number: u32,
    },
    /// Of a quality of the run.
    Quality {
        number: u32,
    },
    /// By the program itself.
    Terminate {
        number: u32,
    },
    Flush,
    Shutdown {
        millis: u64,
    },
    Tick {
        millis: u64,
    },
    Answer {
        which: usize,
        how: How,
    },
}

#[derive(Clone, Debug)]
enum How {
    Well,
    /// Applied, and the answer lost.
    Lost,
    /// Applied, and the connection closed without an answer.
    Closed,
    /// Not applied.
    Reset,
    /// A response that is not the API's, in place of the API's or after it was applied.
    Odd {
        status: u16,
        body: &'static str,
        is_applied: bool,
    },
    /// Applied, and answered with the response to the request before.
    OutOfStep,
}

impl How {
    const POISON: Self = Self::Odd { status: 404, body: "<html>", is_applied: false };

    /// Whether a call that gets it alone is at fault, where others are accepted. 429 asks for time.
    fn is_fault(&self) -> bool {
        match self {
            Self::Odd { status, .. } => *status != 429,
            Self::OutOfStep => true,
            _ => false,
        }
    }
}

/// The answers to each call, kept beside the client: the rule by which a call may be given up.
#[derive(Default)]
struct Answers {
    /// Requests of which the API has accepted something.
    accepted: u64,
    /// For each call, the faults that it met alone with others accepted between them, and how many were accepted by the last.
    faults: HashMap<String, (u32, u64)>,
    /// The last response of the API.
    last: Option<SendResult>,
}

impl Answers {
    /// Counts a fault, and says how many the call has met. In a bulk request no call is alone.
    fn fault(&mut self, request: &Request) -> u32 {
        let accepted = self.accepted;
        let Some(call) = call(request) else { return 0 };
        let (faults, since) = self.faults.entry(call).or_default();
        if *faults == 0 || accepted > *since {
            (*faults, *since) = (*faults + 1, accepted);
        }
        *faults
    }

    /// Counts a response of the API by which something is accepted.
    fn answered(&mut self, answer: &SendResult) {
        let Ok(response) = answer else { return };
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let is_success = |value: &Value| value["status"] == "success";
        let is_accepted = match body["outputs"].as_object() {
            Some(outputs) => outputs.values().any(is_success),
            None => is_success(&body),
        };
        self.accepted += u64::from(is_accepted);
    }
}

/// Names a request independently of its encoding: by its idempotency key without the version.
fn call(request: &Request) -> Option<String> {
    let body = body_of(request);
    let key = body["idempotency_key"].as_str()?;
    Some(key.split('-').take(2).collect::<Vec<_>>().join("-"))
}

/// Counts what was given up, by its kinds: spans, spans of a run that was not registered, runs, calls of runs.
fn given_up(stats: &Stats) -> [u64; 4] {
    [stats.unknown, stats.dropped(DropReason::Protocol), stats.runs.unknown, stats.run_calls.unknown]
}

/// The behaviour of the API in a history.
#[expect(clippy::struct_excessive_bools, reason = "each is a way in which the API may differ, by itself")]
#[derive(Clone, Debug)]
struct Api {
    refuses_bulk: bool,
    refuses_finishes_in_bulk: bool,
    makes_ids: bool,
    refuses_ids: bool,
    refuses_cancel: bool,
    max_bytes: Option<usize>,
    refused: Vec<u32>,
    /// A span whose requests a proxy answers oddly each time.
    poisoned: Option<u32>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status =
        prop_oneof![Just(SpanStatus::Complete), Just(SpanStatus::Failed), Just(SpanStatus::Cancelled)];
    let how = prop_oneof![
        6 => Just(How::Well),
        1 => Just(How::Lost),
        1 => Just(How::Closed),
        1 => Just(How::Reset),
        3 => odd(),
        1 => Just(How::OutOfStep),
    ];
    let step = prop_oneof![
        5 => (0_u32..40, 0_u32..60).prop_map(|(number, parent)| Step::Start { number, parent }),
        5 => (0_u32..40, status).prop_map(|(number, status)| Step::Finish { number, status }),
        1 => (0_u32..40).prop_map(|number| Step::Drop { number }),
        1 => (1_000_u32..1_040).prop_map(|number| Step::Quality { number }),
        1 => (1_040_u32..1_043).prop_map(|number| Step::Terminate { number }),
        1 => Just(Step::Flush),
        3 => (0_u64..40_000).prop_map(|millis| Step::Tick { millis }),
        6 => (any::<usize>(), how).prop_map(|(which, how)| Step::Answer { which, how }),
    ];
    let shutdown = (any::<prop::sample::Index>(), 0_u64..60_000);
    (prop::collection::vec(step, 1..200), prop::option::weighted(0.3, shutdown)).prop_map(
        |(mut steps, shutdown)| {
            if let Some((place, millis)) = shutdown {
                steps.insert(place.index(steps.len()), Step::Shutdown { millis });
            }
            steps
        },
    )
}

fn odd() -> impl Strategy<Value = How> {
    const STATUSES: [u16; 17] =
        [200, 204, 302, 400, 401, 403, 404, 405, 409, 413, 421, 422, 425, 429, 500, 502, 503];
    const BODIES: [&str; 6] = [
        "",
        "<html>",
        "{}",
        r#"{"status":"error"}"#,
        r#"{"status":"success"}"#,
        r#"{"status":"success","details":{}}"#,
    ];
    let (status, body) = (prop::sample::select(&STATUSES[..]), prop::sample::select(&BODIES[..]));
    (status, body, any::<bool>()).prop_map(|(status, body, is_applied)| How::Odd { status, body, is_applied })
}

fn api() -> impl Strategy<Value = Api> {
    let rarely = || prop::bool::weighted(0.15);
    let refused = prop::collection::vec(0_u32..40, 0..4);
    let max_bytes = prop::option::weighted(0.2, 900_usize..4_000);
    let poisoned = prop::option::of(0_u32..10);
    (rarely(), rarely(), rarely(), rarely(), rarely(), max_bytes, refused, poisoned).prop_map(
        |(
            refuses_bulk,
            refuses_finishes_in_bulk,
            makes_ids,
            refuses_ids,
            refuses_cancel,
            max_bytes,
            refused,
            poisoned,
        )| Api {
            refuses_bulk,
            refuses_finishes_in_bulk,
            makes_ids: makes_ids || refuses_ids,
            refuses_ids,
            refuses_cancel,
            max_bytes,
            refused,
            poisoned,
        },
    )
}

fn set_up(sim: &mut Sim, api: Api) {
    sim.model.refuses_bulk = api.refuses_bulk;
    sim.model.makes_ids = api.makes_ids;
    sim.model.max_bytes = api.max_bytes;
    sim.model.refuse(move |item| {
        let mut about_the_id = error("validation_errors");
        about_the_id["errors"] = json!({ "id": ["no"] });
        let name = item.schema_name();
        if api.refuses_ids && item.body.pointer("/details/id").is_some() {
            Some((422, about_the_id))
        } else if api.refuses_finishes_in_bulk && item.is_in_bulk && item.what == "agent_spans/finish"
            || api.refuses_cancel && item.body["status"] == "cancelled"
            || api.refused.iter().any(|number| name == format!("test:{number}"))
        {
            Some((422, error("validation_errors")))
        } else {
            None
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn operations_under_random_faults_are_acknowledged_or_counted(api in api(), steps in steps()) {
        let mut sim = Sim::registering();
        let poison = api.poisoned.map(|number| format!("\"test:{number}\""));
        set_up(&mut sim, api);
        let (mut started, mut finished) = (HashSet::new(), HashSet::new());
        let is_cut_short = steps.iter().any(|step| matches!(step, Step::Shutdown { .. }));
        let mut answers = Answers::default();
        for step in steps {
            match step {
                Step::Start { number, parent } => {
                    if started.insert(number) {
                        let parent = Some(parent).filter(|parent| *parent < number && started.contains(parent));
                        sim.start(number, parent);
                    }
                }
                Step::Finish { number, status } => {
                    if started.contains(&number) && finished.insert(number) {
                        sim.finish(number, status);
                    }
                }
                Step::Drop { number } => {
                    if finished.insert(number) {
                        if started.insert(number) {
                            sim.start_pending(number);
                        }
                        sim.finish(number, SpanStatus::Cancelled);
                    }
                }
                Step::Quality { number } => {
                    if started.insert(number) {
                        sim.call_of_run(number);
                    }
                }
                Step::Terminate { number } => {
                    if started.insert(number) {
                        sim.note(number, NoteKind::Terminate { reason: "spent too much".into() });
                    }
                }
                Step::Shutdown { millis } => sim.shutdown(Duration::from_millis(millis)),
                Step::Flush => sim.core.flush(7, sim.now + SECOND),
                Step::Tick { millis } => sim.pass(Duration::from_millis(millis)),
                Step::Answer { .. } if sim.open.is_empty() => {}
                Step::Answer { which, how } => {
                    let (id, request) = sim.open.remove(which % sim.open.len());
                    let is_poisoned = poison.as_ref().is_some_and(|poison| body_of(&request).to_string().contains(poison));
                    let how = if is_poisoned { How::POISON } else { how };
                    let answer = respond(&mut sim, &mut answers, &request, &how);
                    let faults = if how.is_fault() { answers.fault(&request) } else { 0 };
                    let before = given_up(&sim.stats());
                    sim.answer_to(id, &answer);
                    let after = given_up(&sim.stats());
                    prop_assert!(
                        after == before || faults >= 5,
                        "{before:?} to {after:?} after {faults} faults of {}: {:?}", request.path, sim.log
                    );
                    if matches!(how, How::Well | How::OutOfStep) {
                        answers.answered(&answer);
                    }
                }
            }
            sim.assert_conserved();
            if sim.is_stopped {
                sim.open.clear();
                sim.assert_settled();
            }
        }
        let before = given_up(&sim.stats());
        sim.shutdown(SECOND * 600);
        sim.run(SECOND * 700, |model, request, _| (Duration::from_millis(5), model.answer(request)));
        prop_assert!(sim.is_stopped);
        if !is_cut_short {
            prop_assert!(sim.replies.last().is_some_and(|report| report.is_complete), "{:?}", sim.stats());
            prop_assert_eq!(given_up(&sim.stats()), before, "nothing is given up while the API answers");
        }
        sim.assert_conserved();
        sim.assert_settled();
    }
}

/// Answers a request, and applies it to the API as the case prescribes.
fn respond(sim: &mut Sim, answers: &mut Answers, request: &Request, how: &How) -> SendResult {
    let is_applied = !matches!(how, How::Reset | How::Odd { is_applied: false, .. });
    let applied = is_applied.then(|| sim.model.answer(request));
    let before = applied.clone().and_then(|applied| answers.last.replace(applied));
    match (how, applied) {
        (How::Well, Some(applied)) => applied,
        (How::OutOfStep, Some(applied)) => before.unwrap_or(applied),
        (How::Closed, _) => Err(SendError::connection_closed("closed")),
        (How::Odd { status, body, .. }, _) => Ok(Response::new(*status, *body)),
        _ => Err(SendError::unanswered("reset")),
    }
}
