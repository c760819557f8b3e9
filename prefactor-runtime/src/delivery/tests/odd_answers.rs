//! Responses that are not the API's, at every request of a run's life: whatever they look like and however long they last,
//! they refuse nothing and cost nothing once the API speaks again.

use std::time::Duration;

use super::model::{INSTANCE_ID, Model, error, response, success};
use super::sim::{INSTANCE, SECOND, Sim};
use crate::operation::{InstanceKey, InstanceRecord, NoteKind, Operation};
use crate::platform::clock::Timestamp;
use crate::transport::{Request, Response, SendError, SendResult};
use crate::types::agent::Agent;
use crate::types::stats::DropReason;
use crate::types::status::{InstanceStatus, SpanStatus};

const MILLISECOND: Duration = Duration::from_millis(1);
const PAGE: &str = "<html><body>no such site</body></html>";
const STRANGER: &str = "013xrzp12g3nqk8n0000000000000zzz";

/// Responses that say nothing about the request, by what they look like.
fn odd() -> Vec<(String, SendResult)> {
    let mut all = Vec::new();
    for status in
        [200, 201, 204, 302, 304, 400, 401, 403, 404, 405, 407, 409, 410, 413, 415, 421, 422, 425, 451, 499]
    {
        for body in ["", PAGE, "{}", "[]", r#"{"message":"Not Found"}"#, r#"{"status":"error"}"#] {
            all.push((format!("{status} {body}"), Ok(Response::new(status, body))));
        }
    }
    for status in [421, 425] {
        all.push((format!("{status} in the API's words"), response(status, &error("not_found"))));
    }
    all.push(("a success without details".into(), Ok(Response::new(200, r#"{"status":"success"}"#))));
    all.push((
        "a success without an id".into(),
        Ok(Response::new(200, r#"{"status":"success","details":{}}"#)),
    ));
    all.push(("another's success".into(), {
        let mut answer = success(STRANGER);
        answer["details"]["external_identifier"] = "of-another-run".into();
        response(200, &answer)
    }));
    all.push(("half an answer".into(), Ok(Response::new(200, r#"{"status":"success","details":{"id":"01"#))));
    all
}

/// The requests of a run's life.
const REQUESTS: [&str; 9] =
    ["ping", "register", "start", "agent_spans", "bulk", "record_quality", "terminate", "finish", "poll"];

fn is_meant(request: &Request, what: &str) -> bool {
    let path = request.path.trim_start_matches("/api/v1/");
    match what {
        "finish" => path.ends_with("/finish") && path.starts_with("agent_instance/"),
        "poll" => path == format!("agent_instance/{INSTANCE_ID}"),
        "agent_spans" => path.starts_with("agent_spans"),
        what => path.ends_with(what),
    }
}

/// One run with spans of every ending, beside a server that answers some requests oddly, so often or so long.
fn run(what: &'static str, answer: &SendResult, times: usize, until: Duration) -> Sim {
    let mut sim = Sim::registering();
    sim.core.ping();
    sim.advance();
    sim.watch();
    for number in 0..20 {
        sim.start(number, number.checked_sub(10));
    }
    sim.call_of_run(900);
    let begin = sim.now;
    let mut left = times;
    let mut server = move |model: &mut Model, request: &Request, now| {
        let is_odd = left > 0 && now < begin + until && is_meant(request, what);
        left -= usize::from(is_odd);
        (MILLISECOND, if is_odd { answer.clone() } else { model.answer(request) })
    };
    sim.run(SECOND * 5, &mut server);
    for number in (0..20).rev() {
        let status = [SpanStatus::Complete, SpanStatus::Failed, SpanStatus::Cancelled][number as usize % 3];
        sim.finish(number, status);
    }
    for number in 20..40 {
        sim.span(number, None);
    }
    sim.note(901, NoteKind::Terminate { reason: "spent too much".into() });
    sim.finish_instance(InstanceStatus::Complete);
    sim.run(SECOND * 120, &mut server);
    sim
}

/// Each answer at each request: for two seconds, and so often as the next in turn.
#[test]
fn odd_answers_at_any_request_lose_nothing_when_they_end() {
    const LONG: Duration = Duration::from_secs(300);
    let mut turns = [1, 2, 4].into_iter().cycle();
    for what in REQUESTS {
        for (name, answer) in odd() {
            let times = turns.next().unwrap();
            for (times, until) in [(times, LONG), (usize::MAX, SECOND * 2)] {
                assert_nothing_is_lost(what, &name, &answer, times, until);
            }
        }
        // The turns of one request are those of the next, but for their beginning.
        turns.next();
    }
}

fn assert_nothing_is_lost(
    what: &'static str,
    name: &str,
    answer: &SendResult,
    times: usize,
    until: Duration,
) {
    let sim = run(what, answer, times, until);
    let stats = sim.stats();
    let context = format!("{name} at {what}, {times} times: {stats:?}, {:?}", sim.log);
    assert_eq!((stats.acknowledged, sim.model.ended()), (40, 40), "{context}");
    assert_eq!((stats.dropped_total(), stats.unknown), (0, 0), "{context}");
    let runs = stats.runs;
    let counts = (runs.created, runs.registered, runs.started, runs.finished, runs.lost);
    assert_eq!(counts, (1, 1, 1, 1, 0), "{context}");
    assert_eq!((stats.run_calls.created, stats.run_calls.acknowledged), (2, 2), "{context}");
    assert!(stats.fallbacks().next().is_none(), "{context}");
    sim.assert_settled();
}

#[test]
fn odd_answers_to_everything_are_an_outage_however_long() {
    for (name, answer) in odd().into_iter().step_by(7) {
        let mut sim = Sim::registering();
        sim.offer(0..50);
        sim.run(SECOND * 3_600, |_, _, _| (MILLISECOND, answer.clone()));
        let stats = sim.stats();
        assert_eq!((stats.outstanding, stats.runs.outstanding), (50, 1), "{name}: {stats:?}");
        sim.run(SECOND * 120, |model, request, _| (MILLISECOND, model.answer(request)));
        sim.assert_delivered();
    }
}

/// A shutdown beside a server that comes back a second before the deadline.
#[test]
fn odd_answers_that_end_before_the_deadline_of_a_shutdown_lose_nothing() {
    for what in REQUESTS {
        let answer = Ok(Response::new(404, PAGE));
        let mut sim = Sim::registering();
        sim.offer(0..50);
        let begin = sim.now;
        sim.shutdown(SECOND * 5);
        sim.run(SECOND * 6, |model, request, now| {
            let is_odd = now < begin + SECOND * 4 && is_meant(request, what);
            (MILLISECOND, if is_odd { answer.clone() } else { model.answer(request) })
        });
        assert!(sim.replies[0].is_complete, "{what}: {}", sim.replies[0]);
        sim.assert_delivered();
    }
}

/// One span whose requests are always answered oddly, beside others that pass.
#[test]
fn item_with_five_odd_answers_between_successes_is_given_up_as_unknown() {
    let mut sim = Sim::proven();
    let before = sim.stats().acknowledged;
    let mut tries = 0;
    for number in 0..40 {
        sim.span(number, None);
        sim.run(SECOND * 5, |model, request, _| {
            let is_poisoned = request.body.windows(8).any(|window| window == b"\"test:5\"");
            tries += usize::from(is_poisoned && request.path.ends_with("/agent_spans"));
            (MILLISECOND, if is_poisoned { Ok(Response::new(404, PAGE)) } else { model.answer(request) })
        });
    }
    let stats = sim.stats();
    assert_eq!((stats.acknowledged - before, stats.unknown, stats.dropped_total()), (39, 1, 0), "{stats:?}");
    assert!((5..=40).contains(&tries), "{tries} tries");
    sim.assert_settled();
}

/// The same, where the API refuses all others: it has accepted nothing, so that the item may be as good as they are.
#[test]
fn item_with_odd_answers_between_refusals_is_kept() {
    let mut sim = Sim::proven();
    for number in 0..40 {
        sim.span(number, None);
        sim.run(SECOND * 5, |_, request, _| {
            let is_poisoned = request.body.windows(8).any(|window| window == b"\"test:5\"");
            let refusal = response(422, &error("validation_errors"));
            (MILLISECOND, if is_poisoned { Ok(Response::new(404, PAGE)) } else { refusal })
        });
    }
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Rejected), stats.unknown), (39, 0), "{stats:?}");
    assert_eq!(stats.outstanding, 1, "{stats:?}");
    sim.run(SECOND * 60, |model, request, _| (MILLISECOND, model.answer(request)));
    assert_eq!((sim.stats().acknowledged, sim.stats().outstanding), (4, 0), "{:?}", sim.stats());
}

/// The registration of one run is always answered oddly: others go on, and it is given up with its spans.
#[test]
fn poisoned_registration_stands_in_nobodys_way() {
    let mut sim = Sim::proven();
    let other = std::sync::Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("poisoned")));
    sim.instance(other);
    sim.spans(InstanceKey(1), 500..510);
    for number in 0..40 {
        sim.span(number, None);
        sim.run(SECOND * 5, |model, request, _| {
            let is_poisoned = request.path.ends_with("/register");
            (MILLISECOND, if is_poisoned { Ok(Response::new(404, PAGE)) } else { model.answer(request) })
        });
    }
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Protocol), stats.runs.lost), (10, 1), "{stats:?}");
    assert_eq!(stats.acknowledged, stats.created - 10);
    sim.assert_settled();
}

#[test]
fn every_odd_answer_closes_the_connections() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..1);
    sim.answer(Ok(Response::new(404, PAGE)));
    assert_eq!(sim.resets, 1);
    sim.run(SECOND * 5, |model, request, _| (MILLISECOND, model.answer(request)));
    assert_eq!(sim.resets, 1);
    sim.assert_delivered();
}

/// The finish of one run is always answered oddly: others go on, and it may be finished or not.
#[test]
fn poisoned_finish_of_a_run_is_given_up_as_unknown() {
    let mut sim = Sim::proven();
    let other = std::sync::Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("poisoned")));
    sim.instance(other);
    sim.spans(InstanceKey(1), 500..510);
    let (instance, status) = (InstanceKey(1), InstanceStatus::Complete);
    sim.operation(Operation::FinishInstance { instance, status, at: Timestamp::now() });
    for number in 0..40 {
        sim.span(number, None);
        sim.run(SECOND * 5, |model, request, _| {
            let is_poisoned = is_meant(request, "finish");
            (MILLISECOND, if is_poisoned { Ok(Response::new(404, PAGE)) } else { model.answer(request) })
        });
    }
    let (counts, runs) = (sim.stats(), sim.stats().runs);
    assert_eq!((runs.unknown, runs.finished, runs.lost), (1, 0, 0), "{runs:?}");
    assert_eq!(counts.acknowledged, counts.created, "{counts:?}");
    assert_eq!(sim.log.iter().filter(|line| line.contains("given up")).count(), 1, "{:?}", sim.log);
    sim.assert_settled();
}

/// The client's first requests meet a server that has no such path: a site of another kind, or the API under another path.
#[test]
fn first_answers_of_404_say_that_the_address_may_be_wrong() {
    let page = || Ok(Response::new(404, PAGE));
    let told =
        |sim: &Sim| sim.log.iter().filter(|line| line.contains("PREFACTOR_API_URL may be wrong")).count();
    let mut sim = Sim::registering();
    sim.answer(page());
    assert_eq!(told(&sim), 1, "registration: {:?}", sim.log);

    let mut sim = Sim::active();
    sim.span(1, None);
    sim.answer(page());
    assert_eq!(told(&sim), 0, "the API has answered: {:?}", sim.log);

    let mut sim = Sim::registering();
    sim.core.ping();
    sim.advance();
    let ping = sim.open.iter().find(|(_, request)| request.path.ends_with("/ping")).unwrap().0;
    sim.answer_to(ping, &page());
    sim.advance();
    assert_eq!(told(&sim), 1, "ping: {:?}", sim.log);

    let mut sim = Sim::registering();
    sim.answer_twice(&response(404, &error("not_found")));
    let line = sim.log.iter().find(|line| line.contains("the registration of an agent instance")).unwrap();
    assert!(line.contains("HTTP 404 not_found") && line.contains("the path of PREFACTOR_API_URL"), "{line}");
}

/// A late answer without the run's mark.
#[test]
fn registration_answered_with_the_id_of_another_run_is_sent_again() {
    let mut sim = Sim::proven();
    let other = std::sync::Arc::new(InstanceRecord::new(InstanceKey(1), Agent::new("other")));
    sim.instance(std::sync::Arc::clone(&other));
    let request = sim.answer(response(200, &success(INSTANCE_ID)));
    assert!(request.path.ends_with("/register"), "{}", request.path);
    assert_eq!((other.id(), sim.resets), (None, 1));
    sim.pass(SECOND);
    let again = sim.answer(response(200, &success(STRANGER)));
    assert_eq!((again.body, other.id()), (request.body, Some(STRANGER)));
}

#[test]
fn registration_answered_with_an_object_of_a_run_is_sent_again() {
    let mut sim = Sim::registering();
    let mut alert = success(STRANGER);
    alert["details"]["agent_instance_id"] = INSTANCE_ID.into();
    let request = sim.answer(response(200, &alert));
    assert!(request.path.ends_with("/register"), "{}", request.path);
    assert_eq!((sim.registration.id(), sim.resets), (None, 1));
    sim.run(SECOND * 5, |model, request, _| (MILLISECOND, model.answer(request)));
    assert_eq!(sim.registration.id(), Some(INSTANCE_ID));
}

#[test]
fn termination_answered_with_a_run_that_goes_on_is_sent_again() {
    for status in ["pending", "active"] {
        let mut sim = Sim::proven();
        sim.note(901, NoteKind::Terminate { reason: "spent too much".into() });
        let mut late = success(INSTANCE_ID);
        late["details"]["status"] = status.into();
        let request = sim.answer(response(200, &late));
        assert!(request.path.ends_with("/terminate"), "{}", request.path);
        assert_eq!((sim.stats().run_calls.acknowledged, sim.resets), (0, 1), "{status}");
        sim.run(SECOND * 5, |model, request, _| (MILLISECOND, model.answer(request)));
        assert_eq!((sim.stats().run_calls.acknowledged, sim.model.runs("terminate")), (1, 1), "{status}");
        sim.assert_delivered();
    }
}

/// A proxy that gives each request the response to the one before, beside a server that is too busy for every third.
#[test]
fn responses_one_out_of_step_acknowledge_nothing() {
    let mut sim = Sim::active();
    sim.model.refuses_bulk = true;
    sim.spans(INSTANCE, 0..3);
    sim.settle();
    let before = sim.stats().acknowledged;
    let (mut late, mut count): (Option<SendResult>, _) = (None, 0);
    for number in 10..30 {
        sim.span(number, None);
        sim.run(SECOND * 40, |model, request, _| {
            count += 1;
            let now = if count % 3 == 0 { Ok(Response::new(503, "")) } else { model.answer(request) };
            (MILLISECOND, late.replace(now.clone()).unwrap_or(now))
        });
    }
    let acknowledged = sim.stats().acknowledged - before;
    assert!(acknowledged <= sim.model.ended() - before, "{acknowledged} of {}", sim.model.ended());
    sim.run(SECOND * 120, |model, request, _| (MILLISECOND, model.answer(request)));
    sim.assert_delivered();
}

#[test]
fn f65_a_server_that_starts_anew_is_noticed_once_and_its_runs_go_on() {
    for checks_partition in [false, true] {
        let mut sim = Sim::proven();
        let before = sim.stats().acknowledged;
        sim.model.restart();
        sim.model.checks_partition = checks_partition;
        for number in 0..20 {
            sim.span(number, None);
        }
        sim.run(SECOND * 60, |model, request, _| (MILLISECOND, model.answer(request)));
        let stats = sim.stats();
        assert_eq!((stats.acknowledged - before, stats.server_restarts), (20, 1), "{stats:?} {:?}", sim.log);
        assert_eq!(sim.model.ended(), 20, "all on the new server");
        assert_eq!(stats.fallbacks().next(), None);
        sim.assert_settled();
    }
}

#[test]
fn f65_a_server_that_starts_anew_before_it_started_a_run_costs_nothing_of_it() {
    for checks_partition in [false, true] {
        let mut sim = Sim::registering();
        sim.serve();
        sim.offer(0..20);
        sim.answer(Err(SendError::not_sent("refused")));
        sim.model.restart();
        sim.model.checks_partition = checks_partition;
        sim.finish_instance(InstanceStatus::Complete);
        sim.run(SECOND * 60, |model, request, _| (MILLISECOND, model.answer(request)));
        let stats = sim.stats();
        assert_eq!((stats.acknowledged, stats.server_restarts), (20, 1), "{stats:?} {:?}", sim.log);
        let runs = stats.runs;
        assert_eq!((runs.created, runs.started, runs.finished, runs.lost), (1, 1, 1, 0), "{runs:?}");
        sim.assert_settled();
    }
}

/// A server that never knows a run that it has registered.
#[test]
fn run_that_is_never_known_is_registered_anew_once() {
    let mut sim = Sim::registering();
    sim.offer(0..20);
    let mut registrations = 0;
    sim.run(SECOND * 60, |model, request, _| {
        let is_register = request.path.ends_with("/register");
        registrations += usize::from(is_register);
        let mut unknown = error("not_found");
        unknown["message"] = "agent instance not found".into();
        (MILLISECOND, if is_register { model.answer(request) } else { response(404, &unknown) })
    });
    let stats = sim.stats();
    assert_eq!((registrations, stats.server_restarts), (2, 1), "{stats:?}");
    assert_eq!(stats.dropped(DropReason::Rejected), 20, "{stats:?}");
    sim.assert_settled();
}
