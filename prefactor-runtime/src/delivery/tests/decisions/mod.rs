//! The decision table in virtual time: each response to each call of a run, with what is known of it; what is sent next, after
//! how long, and what the counts say in the end. The table by itself is tested beside it, in `policy/decision`.

mod scenes;

use std::time::{Duration, Instant};

use serde_json::Value;

use self::scenes::{MILLISECOND, OF_RUNS, OF_SPANS, Scene, WITH_A_FACT, refusal};
use super::model::{INSTANCE_ID, Model, response, success};
use super::sim::{INSTANCE, SECOND, Sim, brief, id, json};
use crate::delivery::policy::decision::{Kind, Via};
use crate::transport::{Request, Response, SendError, SendResult};
use crate::types::stats::Fallback;
use crate::types::status::{InstanceStatus, SpanStatus};

const PAGE: &str = "<html><body>no such site</body></html>";
const STRANGER: &str = "013xrzp12g3nqk8n0000000000000zzz";

/// An answer to a call.
#[derive(Clone, Copy)]
enum Back {
    Success,
    /// A success that names what was sent, under an id that was never seen.
    OtherId,
    /// The success of an earlier call: it names what was sent, in a state before it.
    Earlier,
    /// An error of the API: status, code, and the field at fault.
    Error(u16, &'static str, &'static str),
    /// A response that is not the API's word, or none.
    NoWord(fn() -> SendResult),
}

const ROWS: [(&str, Back); 23] = [
    ("success", Back::Success),
    ("another id", Back::OtherId),
    ("earlier state", Back::Earlier),
    ("final already", Back::Error(409, "invalid_action", "")),
    ("exists", Back::Error(409, "conflict", "")),
    ("no such run", Back::Error(404, "not_found", "instance")),
    ("not found", Back::Error(404, "not_found", "")),
    ("unauthorized", Back::Error(401, "bad_authtoken", "")),
    ("forbidden", Back::Error(403, "forbidden", "")),
    ("too large", Back::Error(413, "payload_too_large", "")),
    ("invalid type", Back::Error(422, "validation_errors", "_type")),
    ("invalid id", Back::Error(422, "validation_errors", "id")),
    ("other partition", Back::Error(422, "validation_errors", "partition")),
    ("invalid schema", Back::Error(422, "validation_errors", "params_schema")),
    ("invalid", Back::Error(422, "validation_errors", "payload")),
    ("page", Back::NoWord(|| Ok(Response::new(404, PAGE)))),
    ("broken", Back::NoWord(|| Ok(Response::new(500, PAGE)))),
    ("busy, 7 s", Back::NoWord(|| Ok(Response::new(503, PAGE).with_retry_after(SECOND * 7)))),
    ("too many", Back::NoWord(|| Ok(Response::new(429, PAGE)))),
    ("timed out", Back::NoWord(|| Err(SendError::timed_out("30 s")))),
    ("reset", Back::NoWord(|| Err(SendError::unanswered("reset")))),
    ("closed", Back::NoWord(|| Err(SendError::connection_closed("closed")))),
    ("not sent", Back::NoWord(|| Err(SendError::not_sent("refused")))),
];

/// Refusals of a bulk request as a whole.
const REFUSALS: [(u16, &str); 8] = [
    (401, "bad_authtoken"),
    (403, "forbidden"),
    (404, "not_found"),
    (405, "method_not_allowed"),
    (413, "payload_too_large"),
    (415, "unsupported_media_type"),
    (422, "validation_errors"),
    (501, "not_implemented"),
];

/// The call of a scene in a request, and how it goes.
fn call_in(request: &Request, kind: Kind) -> Option<(Value, Via)> {
    let path = request.path.strip_prefix("/api/v1/").unwrap();
    let body = json(request);
    if let Some(items) = body["items"].as_array() {
        let is_create = kind == Kind::CreateSpan;
        let is_meant = |item: &&Value| match kind {
            Kind::CreateSpan => item["details"]["schema_name"] == "test:1",
            Kind::FinishSpan => item["agent_span_id"] == id(1),
            _ => false,
        };
        let item = items.iter().find(|item| is_meant(item) && item["details"].is_object() == is_create);
        return item.map(|item| (item.clone(), Via::Bulk));
    }
    let is_meant = match kind {
        Kind::Ping => path == "ping",
        Kind::Poll => path == format!("agent_instance/{INSTANCE_ID}"),
        Kind::Register => path == "agent_instance/register" || path.contains("external_identifier"),
        Kind::Start => path.ends_with("/start"),
        Kind::Note => path.ends_with("/record_quality"),
        Kind::Finish => path.starts_with("agent_instance/") && path.ends_with("/finish"),
        Kind::CreateSpan => path == "agent_spans" && body["details"]["schema_name"] == "test:1",
        Kind::FinishSpan => path.starts_with("agent_spans/") && !path.contains(&id(0)),
    };
    is_meant.then_some((body, Via::Single))
}

/// Returns the answer to a call of a scene. `None` where the API has no such answer: in bulk, an item has no HTTP
/// status.
fn reply(sim: &mut Sim, scene: &Scene, request: &Request, back: Back) -> Option<SendResult> {
    if let Back::Error(409, ..) = back {
        if scene.has_arrived {
            let _ = sim.model.answer(request);
        }
    }
    let (call, _) = call_in(request, scene.kind).unwrap();
    match back {
        Back::NoWord(result) => Some(result()),
        Back::Success => Some(sim.model.answer(request)),
        Back::OtherId if scene.kind == Kind::CreateSpan => {
            sim.model.makes_ids = true;
            Some(sim.model.answer(request))
        }
        Back::OtherId if scene.via == Via::Single => Some(response(200, &success(STRANGER))),
        Back::Error(401, ..) if scene.via == Via::Bulk => None,
        Back::Earlier if scene.via == Via::Single => {
            let (id, status) = match scene.kind {
                Kind::Start => (INSTANCE_ID.to_owned(), "pending"),
                Kind::Finish => (INSTANCE_ID.to_owned(), "active"),
                Kind::FinishSpan => (id(1), "active"),
                _ => return None,
            };
            let mut answer = success(&id);
            answer["details"]["status"] = status.into();
            Some(response(200, &answer))
        }
        Back::OtherId | Back::Earlier => None,
        Back::Error(status, code, field) if scene.via == Via::Single => Some(refusal(status, code, field)),
        Back::Error(status, code, field) => {
            let Ok(error) = refusal(status, code, field) else { return None };
            let error: Value = serde_json::from_slice(&error.body).unwrap();
            let Ok(all) = sim.model.answer(&items_before(request, &call)) else { return None };
            let mut all: Value = serde_json::from_slice(&all.body).unwrap();
            all["outputs"][call["idempotency_key"].as_str().unwrap()] = error;
            Some(response(200, &all))
        }
    }
}

/// A bulk request as far as the API carries it out, which stops at the first item that it refuses.
fn items_before(request: &Request, call: &Value) -> Request {
    let mut body = json(request);
    let items = body["items"].as_array_mut().unwrap();
    let place = items.iter().position(|item| item == call).unwrap();
    items.truncate(place);
    Request { body: body.to_string().into(), ..request.clone() }
}

/// A time in short: the first pause of a back-off is drawn from an eighth to a quarter of a second.
fn time(after: Duration) -> String {
    match after.as_millis() {
        0 => "0".into(),
        125..=250 => "¼ s".into(),
        millis if millis < 1_000 => format!("{millis} ms"),
        _ => format!("{} s", after.as_secs()),
    }
}

/// How a call that goes again differs from what went before.
fn difference(before: &(Value, Via), now: &(Value, Via)) -> String {
    let key = |(call, _): &(Value, Via)| call["idempotency_key"].clone();
    if key(before) != key(now) {
        let (old, new) = (&before.0, &now.0);
        let whats = [
            ("cut", now.0.to_string().contains("$left_out")),
            ("without id", old["details"]["id"].is_string() && new["details"]["id"].is_null()),
            ("pending", new["details"]["status"] == "pending" && old["details"]["status"] == "cancelled"),
            ("failed", new["status"] == "failed" && old["status"] == "cancelled"),
        ];
        let what = whats.iter().find(|(_, is_so)| *is_so).map_or("anew", |(what, _)| *what);
        return what.into();
    }
    match (before.1, now.1) {
        (Via::Bulk, Via::Single) => "alone".into(),
        _ => "same".into(),
    }
}

/// Describes the counts of everything that was not delivered.
fn counts(sim: &Sim, created: u64) -> String {
    let stats = sim.stats();
    assert_eq!((stats.created, stats.outstanding), (created, 0), "{stats:?}");
    let mut said: Vec<String> = stats.drops().map(|(reason, _)| reason.as_str().to_owned()).collect();
    let runs = stats.runs;
    let mut say = |text: &str, is_so: bool| said.extend(is_so.then(|| text.to_owned()));
    say("unknown", stats.unknown > 0);
    say("not started", runs.created > runs.lost && runs.started < runs.created);
    say("run lost", runs.lost > 0);
    say("run unknown", runs.unknown > 0);
    say("call lost", stats.run_calls.lost > 0);
    say("call unknown", stats.run_calls.unknown > 0);
    let ways = stats.fallbacks().map(|fallback| match fallback {
        Fallback::SingleRequests => "no bulk",
        Fallback::SingleFinishes => "no bulk finishes",
        Fallback::ServerIds => "server ids",
        Fallback::CancelledAsFailed => "no cancels",
        Fallback::PendingFirst => "pending first",
    });
    let ways: Vec<_> = ways.collect();
    let all = if said.is_empty() { "ok".to_owned() } else { said.join(" ") };
    let restarts = if stats.server_restarts > 0 { ", restart" } else { "" };
    let ways = if ways.is_empty() { String::new() } else { format!(", {}", ways.join(" ")) };
    format!("{all}{ways}{restarts}")
}

/// One cell: what is sent next and when, and what is counted in the end. A call that goes again at once gets the same answer twice.
fn cell(scene: &Scene, back: Back) -> String {
    let mut sim = (scene.make)();
    let (number, request) = sim.open.remove(0);
    let before = call_in(&request, scene.kind).unwrap();
    assert_eq!(before.1, scene.via, "{}", brief(std::slice::from_ref(&request))[0]);
    let Some(answer) = reply(&mut sim, scene, &request, back) else { return "–".into() };
    sim.answer_to(number, &answer);
    // What has to be confirmed goes again at once, and gets the same answer.
    let is_same = |request: &Request| {
        call_in(request, scene.kind).is_some_and(|now| difference(&before, &now) == "same")
    };
    let again = sim.open.iter().position(|(_, request)| is_same(request)).filter(|_| answer.is_ok());
    if let Some(at) = again {
        let (number, _) = sim.open.remove(at);
        sim.answer_to(number, &answer);
    }
    if scene.kind == Kind::Ping {
        sim.span(1, None);
    }
    let begin = sim.now;
    let mut next = None;
    let mut server = |model: &mut Model, request: &Request, now: Instant| {
        next.get_or_insert_with(|| {
            let again = call_in(request, scene.kind).map(|now| difference(&before, &now));
            let what = again.unwrap_or_else(|| brief(std::slice::from_ref(request)).remove(0));
            format!("{what} {}", time(now - begin))
        });
        (MILLISECOND, model.answer(request))
    };
    sim.run(SECOND * 320, &mut server);
    if matches!(scene.kind, Kind::Ping | Kind::Poll) {
        if scene.kind == Kind::Poll {
            sim.finish(1, SpanStatus::Complete);
        }
        sim.finish_instance(InstanceStatus::Complete);
        sim.run(SECOND * 320, &mut server);
    }
    sim.assert_conserved();
    sim.assert_settled();
    let created = sim.stats().created;
    let next = next.unwrap_or_else(|| "nothing".into());
    let twice = if again.is_some() { "same 0, then " } else { "" };
    format!("{twice}{next}: {}", counts(&sim, created))
}

/// Describes the next request after the API refused a bulk request as a whole, and the counts in the end.
fn whole(make: fn() -> Sim, items: u32, status: u16, code: &str) -> String {
    let mut sim = make();
    sim.spans(INSTANCE, 0..items);
    sim.finish_instance(InstanceStatus::Complete);
    sim.answer(refusal(status, code, ""));
    let (begin, mut next) = (sim.now, None);
    sim.run(SECOND * 320, |model, request, now| {
        next.get_or_insert_with(|| {
            let items = json(request)["items"].as_array().map_or(1, Vec::len);
            format!("{items} in a request {}", time(now - begin))
        });
        (MILLISECOND, model.answer(request))
    });
    sim.assert_conserved();
    sim.assert_settled();
    let created = sim.stats().created;
    format!("{}: {}", next.unwrap_or_else(|| "nothing".into()), counts(&sim, created))
}

/// A section of the table: each outcome, with the responses that lead to it.
fn section(name: &str, cells: impl Iterator<Item = (String, String)>) -> String {
    let mut outcomes: Vec<(String, Vec<String>)> = Vec::new();
    for (response, outcome) in cells {
        match outcomes.iter_mut().find(|(other, _)| *other == outcome) {
            Some((_, responses)) => responses.push(response),
            None => outcomes.push((outcome, vec![response])),
        }
    }
    let lines =
        outcomes.iter().map(|(outcome, responses)| format!("    {outcome} | {}\n", responses.join(", ")));
    format!("{name}\n{}", lines.collect::<String>())
}

fn table() -> String {
    let of_runs = ["ping", "poll", "registration", "start", "note", "finish of a run"];
    let of_spans = ["create", "finish", "create in bulk", "finish in bulk"];
    let named = of_runs.iter().zip(&OF_RUNS).chain(of_spans.iter().zip(&OF_SPANS));
    let all = named.chain(WITH_A_FACT.iter().map(|(name, scene)| (name, scene)));
    let cells = |scene| ROWS.iter().map(move |(row, back)| ((*row).to_owned(), cell(scene, *back)));
    let mut table: String = all.map(|(name, scene)| section(name, cells(scene))).collect();
    let proven: [(_, fn() -> Sim); 2] = [("", Sim::proven), (", bulk not proven", Sim::active)];
    for (items, (what, make)) in [100, 2].into_iter().flat_map(|items| proven.map(|proven| (items, proven))) {
        let cells =
            REFUSALS.iter().map(|(status, code)| (status.to_string(), whole(make, items, *status, code)));
        table += &section(&format!("bulk request of {items}{what}"), cells);
    }
    table
}

/// The table is printed where it differs, to be looked at before it becomes the new one.
#[test]
fn every_response_to_every_call_is_followed_by_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/delivery/tests/decisions/table.txt");
    let (table, expected) = (table(), std::fs::read_to_string(path).unwrap());
    let differs = |(line, other): &(&str, &str)| line != other;
    let different: Vec<_> = table.lines().zip(expected.lines()).filter(differs).collect();
    assert!(table == expected, "{different:#?}, it is now:\n{table}");
}
