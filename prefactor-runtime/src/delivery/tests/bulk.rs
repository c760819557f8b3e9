//! Bulk requests: what one refused item costs, and what is done where the API takes less than it could.

use std::time::Duration;

use serde_json::json;

use super::model::{error, response};
use super::sim::{INSTANCE, SECOND, Sim, brief, finish, json, start};
use crate::operation::{Operation, SpanStart};
use crate::payload::{Payload, SideLimits};
use crate::transport::Response;
use crate::types::stats::{DropReason, Fallback};
use crate::types::status::SpanStatus;

fn is(item: &super::model::Item<'_>, number: u32) -> bool {
    item.schema_name() == format!("test:{number}")
}

#[test]
fn f15_one_refused_item_of_a_hundred_costs_itself_and_its_finish() {
    let mut sim = Sim::proven();
    sim.model.refuse(|item| is(item, 37).then(|| (422, error("validation_errors"))));
    sim.start(0, None);
    for number in 1..37 {
        sim.span(number, None);
    }
    sim.start(37, None);
    sim.finish(37, SpanStatus::Cancelled);
    sim.span(38, Some(37));
    sim.span(39, Some(37));
    for number in 40..101 {
        sim.span(number, None);
    }
    sim.serve(); // the one that had gone ahead
    sim.model.requests = 0;
    sim.finish(0, SpanStatus::Complete);
    sim.settle();
    let stats = sim.stats();
    assert_eq!((stats.dropped(DropReason::Rejected), stats.dropped_total()), (1, 1));
    assert_eq!(stats.acknowledged, stats.created - 1);
    assert_eq!(sim.model.ended(), stats.acknowledged, "its finish never got there, its children did");
    assert!(sim.model.requests <= 3, "{} requests", sim.model.requests);
    sim.assert_settled();
}

#[test]
fn f16_a_hundred_refused_items_are_not_sent_a_hundred_times() {
    let mut sim = Sim::active();
    sim.model.refuse(|_| Some((422, error("validation_errors"))));
    (sim.model.requests, sim.model.items) = (0, 0);
    sim.spans(INSTANCE, 0..100);
    sim.settle();
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 100);
    assert!(sim.model.requests <= 110, "{} requests", sim.model.requests);
    assert!(sim.stats().fallbacks().next().is_none(), "the items were at fault, not the way");
    sim.assert_settled();
}

#[test]
fn f16_what_is_sent_in_vain_is_bounded() {
    let mut sim = Sim::proven();
    sim.model.refuse(|_| Some((422, error("validation_errors"))));
    sim.spans(INSTANCE, 0..100);
    let mut sent = 0;
    while !sim.open.is_empty() {
        for request in sim.serve() {
            sent += json(&request)["items"].as_array().map_or(1, Vec::len);
        }
    }
    assert_eq!(sim.stats().dropped(DropReason::Rejected), 100);
    assert!(sent <= 300, "{sent} items sent");
    assert!(sim.model.requests <= 110, "{} requests", sim.model.requests);
}

/// A span with so many texts of nine kilobytes.
pub(super) fn large(number: u32, texts: usize) -> SpanStart {
    let payload = Payload::of(SideLimits::default(), &vec!["x".repeat(9_000); texts]);
    SpanStart { payload, ..start(INSTANCE, number, None) }
}

#[test]
fn f17_too_large_a_batch_is_halved_and_too_large_an_item_slimmed() {
    const LIMIT: usize = 256 << 10;
    let mut sim = Sim::proven();
    sim.model.max_bytes = Some(LIMIT);
    for number in 0..100 {
        sim.created(large(number, if number == 99 { 32 } else { 1 }));
    }
    sim.advance();
    let whole = sim.open[0].1.body.len();
    assert!(whole > 3 * LIMIT, "{whole}");
    let (mut sent, mut cut_down) = (Vec::new(), 0);
    sim.run(SECOND * 60, |model, request, _| {
        sent.push(request.body.len());
        cut_down += usize::from(request.body.windows(11).any(|part| part == b"\"$left_out\""));
        (Duration::from_millis(5), model.answer(request))
    });
    sim.assert_delivered();
    let (bytes, refused) = (sent.iter().sum::<usize>(), sent.iter().filter(|bytes| **bytes > LIMIT).count());
    assert!(bytes <= 3 * whole, "{bytes} bytes for {whole}: {sent:?}");
    assert!(refused <= 4 && cut_down == 1, "{refused} too large, {cut_down} without a payload");
}

#[test]
fn f17_a_single_item_goes_without_its_payload_and_else_not_at_all() {
    let mut sim = Sim::active();
    sim.span(1, None);
    let first = sim.answer_twice(&response(413, &error("payload_too_large")));
    let second = sim.open[0].1.clone();
    assert_eq!(
        json(&second)["details"]["payload"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["$left_out"]
    );
    assert_ne!(json(&first)["idempotency_key"], json(&second)["idempotency_key"], "other words, another key");
    sim.settle();
    sim.assert_delivered();

    sim.span(2, None);
    sim.answer(response(413, &error("payload_too_large")));
    sim.answer(response(413, &error("payload_too_large")));
    assert_eq!(sim.stats().dropped(DropReason::TooLarge), 1);
    sim.assert_settled();
}

#[test]
fn f20_only_own_present_and_clear_outputs_count() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 1..5);
    let items = json(&sim.open[0].1)["items"].clone();
    let key = |index: usize| items[index]["idempotency_key"].as_str().unwrap();
    let id = |index: usize| items[index]["details"]["id"].as_str().unwrap();
    let done = |index: usize| {
        format!(r#""{}":{{"status":"success","details":{{"id":"{}"}}}}"#, key(index), id(index))
    };
    let before = sim.stats().acknowledged;
    let outputs = [
        done(0),
        done(1),
        done(1),
        format!(r#""{}":7"#, key(3)),
        r#""stranger-1":{"status":"success"}"#.into(),
    ];
    sim.answer(Ok(Response::new(
        200,
        format!(r#"{{"status":"success","outputs":{{{}}}}}"#, outputs.join(",")),
    )));
    assert_eq!(sim.stats().acknowledged - before, 1);
    sim.pass(SECOND * 5);
    while !sim.open.is_empty() {
        sim.serve();
        sim.pass(SECOND);
    }
    assert_eq!(sim.stats().acknowledged - before, 4);
}

#[test]
fn spans_go_one_by_one_where_bulk_is_refused() {
    let mut sim = Sim::active();
    sim.model.refuses_bulk = true;
    sim.spans(INSTANCE, 0..50);
    sim.settle();
    sim.spans(INSTANCE, 50..100);
    assert_eq!(sim.open.len(), 32, "as many at once as may be");
    let rest = sim.settle();
    assert!(rest.iter().all(|request| !request.path.ends_with("bulk")), "it is remembered");
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::SingleRequests]);
    assert_eq!(sim.log.iter().filter(|line| line.contains("bulk")).count(), 1, "and via once");
    sim.assert_delivered();
}

#[test]
fn finishes_go_one_by_one_where_bulk_refuses_them() {
    for code in ["validation_errors", "unsupported"] {
        let mut sim = Sim::active();
        sim.model.refuse(move |item| {
            (item.what == "agent_spans/finish" && item.is_in_bulk).then(|| (422, error(code)))
        });
        for number in 0..10 {
            sim.start(number, None);
        }
        sim.settle();
        for number in 0..10 {
            sim.finish(number, SpanStatus::Complete);
        }
        sim.settle();
        assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::SingleFinishes]);
        sim.assert_delivered();
    }
}

#[test]
fn refused_kind_of_item_costs_no_request_that_was_under_way_meanwhile() {
    let mut sim = Sim::active();
    sim.model.refuse(|item| {
        (item.what == "agent_spans/finish" && item.is_in_bulk).then(|| (422, error("unsupported")))
    });
    for number in 0..1_200 {
        sim.start(number, None);
    }
    sim.settle();
    for number in 0..1_200 {
        sim.queue(Operation::FinishSpan(finish(INSTANCE, number, SpanStatus::Complete)));
    }
    sim.advance();
    assert!(sim.open.len() > 1, "several requests with finishes are under way");
    sim.settle();
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::SingleFinishes]);
    sim.assert_delivered();
}

#[test]
fn bulk_request_shrinks_where_the_api_takes_fewer_items() {
    let mut sim = Sim::active();
    sim.model.max_items = Some(100);
    let mut too_many = |numbers| {
        sim.spans(INSTANCE, numbers);
        let sent = sim.settle();
        sim.pass(SECOND);
        sent.iter()
            .filter(|request| json(request)["items"].as_array().is_some_and(|items| items.len() > 100))
            .count()
    };
    let first = too_many(0..5_000);
    assert!(first <= 16, "{first} requests had too many");
    assert_eq!(too_many(5_000..10_000), 0, "it is remembered");
    assert!(sim.stats().fallbacks().next().is_none());
    assert!(sim.model.requests <= 150, "{} requests", sim.model.requests);
    sim.assert_delivered();
}

#[test]
fn finish_that_is_refused_alone_as_well_says_nothing_of_bulk() {
    let mut sim = Sim::active();
    for number in 0..4 {
        sim.start(number, None);
    }
    sim.settle();
    sim.model.refuse(|item| (item.body["status"] == "failed").then(|| (422, error("validation_errors"))));
    for number in 0..4 {
        sim.finish(number, if number == 1 { SpanStatus::Failed } else { SpanStatus::Complete });
    }
    sim.settle();
    assert_eq!((sim.stats().dropped(DropReason::Rejected), sim.stats().acknowledged), (1, 3));
    assert!(sim.stats().fallbacks().next().is_none());
    sim.assert_settled();
}

#[test]
fn api_makes_ids_where_client_ids_are_refused() {
    let mut sim = Sim::active();
    sim.model.makes_ids = true;
    sim.model.refuse(|item| {
        let mut refusal = error("validation_errors");
        refusal["errors"] = json!({ "id": ["is not in your partition"] });
        item.body.pointer("/details/id").is_some().then_some((422, refusal))
    });
    sim.start(1, None);
    sim.start(2, Some(1));
    for number in 3..8 {
        sim.span(number, Some(2));
    }
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    sim.settle();
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::ServerIds]);
    sim.assert_delivered();
}

#[test]
fn ids_that_the_api_rewrites_are_used_from_then_on() {
    let mut sim = Sim::active();
    sim.model.makes_ids = true;
    sim.start(1, None);
    sim.start(2, Some(1));
    sim.span(3, Some(2));
    sim.finish(2, SpanStatus::Complete);
    sim.finish(1, SpanStatus::Complete);
    sim.settle();
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::ServerIds]);
    sim.assert_delivered();
}

#[test]
fn cancelled_span_fails_where_cancelling_is_refused_and_the_next_at_once() {
    let mut sim = Sim::active();
    sim.model.refuse(|item| (item.body["status"] == "cancelled").then(|| (422, error("validation_errors"))));
    sim.start(1, None);
    sim.finish(1, SpanStatus::Cancelled);
    let sent = sim.settle();
    assert_eq!(brief(&sent), ["test:1 active", "finish cancelled", "finish cancelled", "finish failed"]);
    assert_eq!(json(&sent[3])["result_payload"]["error_type"], "Cancelled");
    assert_ne!(json(&sent[2])["idempotency_key"], json(&sent[3])["idempotency_key"]);
    sim.start(2, None);
    sim.finish(2, SpanStatus::Cancelled);
    assert_eq!(brief(&sim.settle()), ["test:2 active", "finish failed"], "it is remembered");
    assert_eq!(sim.stats().fallbacks().collect::<Vec<_>>(), [Fallback::CancelledAsFailed]);
    sim.assert_delivered();
}

#[test]
fn independent_lanes_have_several_requests_under_way() {
    let mut sim = Sim::proven();
    sim.spans(INSTANCE, 0..2_000);
    assert_eq!(sim.open.len(), 4, "four of five hundred");
    sim.settle();
    sim.assert_delivered();
}
