//! Whatever callers and the server do: G1 to G3 after each step.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::model::error;
use super::sim::{SECOND, Sim};
use crate::transport::{Response, SendError};
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

impl Step {
    /// Whether it is an answer that no API gives, or that says that the server is at fault.
    fn is_fault(&self) -> bool {
        match self {
            Self::Answer { how: How::Status(status), .. } => *status != 429,
            Self::Answer { how, .. } => matches!(how, How::Html),
            _ => false,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum How {
    Well,
    /// Applied, and the answer lost.
    Lost,
    /// Applied, and the connection closed without an answer.
    Closed,
    /// Not applied.
    Reset,
    Status(u16),
    Html,
}

/// What the API of a history is like.
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
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status =
        prop_oneof![Just(SpanStatus::Complete), Just(SpanStatus::Failed), Just(SpanStatus::Cancelled)];
    let how = prop_oneof![
        6 => Just(How::Well),
        1 => Just(How::Lost),
        1 => Just(How::Closed),
        1 => Just(How::Reset),
        1 => prop_oneof![Just(429), Just(500), Just(503), Just(401), Just(403), Just(404), Just(421), Just(425)].prop_map(How::Status),
        1 => Just(How::Html),
    ];
    let step = prop_oneof![
        5 => (0_u32..40, 0_u32..60).prop_map(|(number, parent)| Step::Start { number, parent }),
        5 => (0_u32..40, status).prop_map(|(number, status)| Step::Finish { number, status }),
        1 => (0_u32..40).prop_map(|number| Step::Drop { number }),
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

fn api() -> impl Strategy<Value = Api> {
    let rarely = || prop::bool::weighted(0.15);
    let refused = prop::collection::vec(0_u32..40, 0..4);
    let max_bytes = prop::option::weighted(0.2, 900_usize..4_000);
    (rarely(), rarely(), rarely(), rarely(), rarely(), max_bytes, refused).prop_map(
        |(
            refuses_bulk,
            refuses_finishes_in_bulk,
            makes_ids,
            refuses_ids,
            refuses_cancel,
            max_bytes,
            refused,
        )| Api {
            refuses_bulk,
            refuses_finishes_in_bulk,
            makes_ids: makes_ids || refuses_ids,
            refuses_ids,
            refuses_cancel,
            max_bytes,
            refused,
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
    fn nothing_is_lost_in_silence(api in api(), steps in steps()) {
        let mut sim = Sim::registering();
        set_up(&mut sim, api);
        let (mut started, mut finished) = (HashSet::new(), HashSet::new());
        let is_cut_short = steps.iter().any(|step| matches!(step, Step::Shutdown { .. }));
        let faults = steps.iter().filter(|step| step.is_fault()).count();
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
                Step::Shutdown { millis } => sim.shutdown(Duration::from_millis(millis)),
                Step::Flush => sim.core.flush(7, sim.now + SECOND),
                Step::Tick { millis } => sim.pass(Duration::from_millis(millis)),
                Step::Answer { .. } if sim.open.is_empty() => {}
                Step::Answer { which, how } => {
                    let (id, request) = sim.open.remove(which % sim.open.len());
                    let answer = match how {
                        How::Well => sim.model.answer(&request),
                        How::Lost => {
                            let _ = sim.model.answer(&request);
                            Err(SendError::unanswered("reset"))
                        }
                        How::Closed => {
                            let _ = sim.model.answer(&request);
                            Err(SendError::connection_closed("closed"))
                        }
                        How::Reset => Err(SendError::unanswered("reset")),
                        How::Status(status) => Ok(Response::new(status, "")),
                        How::Html => Ok(Response::new(200, "<html>")),
                    };
                    sim.answer_to(id, &answer);
                }
            }
            sim.assert_conserved();
            if sim.is_stopped {
                sim.open.clear();
                sim.assert_settled();
            }
        }
        sim.shutdown(SECOND * 600);
        sim.run(SECOND * 700, |model, request, _| (Duration::from_millis(5), model.answer(request)));
        prop_assert!(sim.is_stopped);
        if !is_cut_short {
            prop_assert!(sim.replies.last().is_some_and(|report| report.is_complete), "{:?}", sim.stats());
            // A call that got five odd answers beside others that were accepted is given up.
            prop_assert!(sim.stats().unknown <= faults as u64 / 5, "{:?}", sim.stats());
        }
        sim.assert_conserved();
        sim.assert_settled();
    }
}
