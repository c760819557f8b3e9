//! Ends of streams: the status of the span, and what is recorded of the items.

use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::{StreamStep, span};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::Trace;

/// The items of a model client.
#[derive(Clone, Debug, Serialize)]
enum Event {
    Start,
    Text(&'static str),
    Usage(u32),
    Error(&'static str),
    End,
}

use Event::{End, Error, Start, Text, Usage};

type Item = Result<Event, String>;

fn cut() -> Item {
    Err("connection reset".into())
}

#[span(
    "rules:chat",
    skip(items),
    stream(
        end = |item| matches!(item, Ok(End)),
        fail = |item| match item { Ok(Error(message)) => Some(*message), _ => None },
        first = |item| matches!(item, Ok(Text(_))),
        restart = |item| matches!(item, Ok(Start)),
    ),
    ret(fold = answer)
)]
fn chat(items: Vec<Item>) -> impl Stream<Item = Item> + Send {
    stream::iter(items)
}

#[derive(Default, Serialize)]
struct Answer {
    text: String,
    tokens: u32,
    restarts: u32,
}

fn answer(answer: &mut Answer, step: StreamStep<'_, Item>) {
    match step {
        StreamStep::Restart => {
            answer.text.clear();
            answer.restarts += 1;
        }
        StreamStep::Item(Ok(Text(text))) => answer.text.push_str(text),
        // One client writes 0 where the server sent no number, so the larger number is right.
        StreamStep::Item(Ok(Usage(tokens))) => answer.tokens = answer.tokens.max(*tokens),
        _ => {}
    }
}

/// Status, message and folded answer of the span of a stream, of which at most `take` items are read.
fn outcome(items: Vec<Item>, take: usize) -> (String, Value, Value) {
    let count = take.min(items.len() + 1);
    let stored = Trace::of_async(async move {
        let mut stream = Box::pin(chat(items));
        for _ in 0..count {
            let _ = stream.next().await;
        }
    });
    let span = stored.span("rules:chat");
    (span.status.clone(), span.result()["message"].clone(), span.result()["output"].clone())
}

const ALL: usize = usize::MAX;

#[test]
fn marker_then_none_is_complete() {
    let (status, _, output) = outcome(vec![Ok(Start), Ok(Text("a")), Ok(Text("b")), Ok(End)], ALL);
    assert_eq!((&*status, &output["text"]), ("complete", &json!("ab")));
}

#[test]
fn marker_then_drop_is_complete() {
    let (status, _, output) = outcome(vec![Ok(Text("ab")), Ok(End), Ok(Text("never read"))], 2);
    assert_eq!((&*status, &output["text"]), ("complete", &json!("ab")));
}

#[test]
fn none_without_the_marker_is_truncated() {
    for items in [vec![Ok(Start), Ok(Text("half of th"))], vec![]] {
        let (status, message, _) = outcome(items, ALL);
        assert_eq!((&*status, message), ("failed", json!("the stream ended without its end marker")));
    }
}

#[test]
fn drop_without_the_marker_is_cancelled_with_the_text_so_far() {
    let (status, _, output) = outcome(vec![Ok(Text("so f")), Ok(Text("ar")), Ok(End)], 1);
    assert_eq!((&*status, &output["text"]), ("cancelled", &json!("so f")));
}

#[test]
fn first_err_item_fails_and_later_items_are_recorded() {
    let (status, message, output) = outcome(vec![Ok(Text("a")), cut(), Ok(Text("b")), Ok(End)], ALL);
    assert_eq!((&*status, &message, &output["text"]), ("failed", &json!("connection reset"), &json!("ab")));
}

#[test]
fn ok_item_that_stands_for_a_failure_fails() {
    let (status, message, _) = outcome(vec![Ok(Error("overloaded")), cut(), Ok(End)], ALL);
    assert_eq!((&*status, message), ("failed", json!("overloaded")));
}

#[test]
fn err_after_the_marker_is_noted_and_complete() {
    let items = vec![Ok(Text("a")), Ok(End), cut()];
    let stored = Trace::of_async(async move { chat(items).count().await });
    let span = stored.span("rules:chat");
    assert_eq!((&*span.status, &span.result()["error_after_end"]), ("complete", &json!("connection reset")));
}

#[test]
fn restart_begins_the_fold_anew_and_usage_keeps_the_maximum() {
    let items = vec![
        Ok(Text("half")),
        Ok(Usage(3)),
        Ok(Start),
        Ok(Text("whole")),
        Ok(Usage(0)),
        Ok(End),
        Ok(Usage(3)),
    ];
    let (status, _, output) = outcome(items, ALL);
    assert_eq!((&*status, output), ("complete", json!({ "text": "whole", "tokens": 3, "restarts": 1 })));
}

#[test]
fn first_item_that_counts_is_timed() {
    let of = |items: Vec<Item>| {
        let stored = Trace::of_async(async move { chat(items).count().await });
        stored.span("rules:chat").result()["time_to_first_item_ms"].clone()
    };
    assert_eq!(of(vec![Ok(Start), Ok(End)]), Value::Null);
    let first = of(vec![Ok(Start), Ok(Text("a")), Ok(End)]).as_f64().unwrap();
    assert!(first.to_string().split_once('.').is_none_or(|(_, digits)| digits.len() <= 3), "{first}");
}

#[span("rules:texts", ret(items))]
fn texts() -> BoxStream<'static, Result<&'static str, String>> {
    stream::iter([Ok("Be"), Ok("cause"), Ok("…")]).boxed()
}

#[span("rules:list", ret(items))]
async fn list() -> Result<impl Stream<Item = Event>, String> {
    Ok(stream::iter([Text("a"), Usage(1)]))
}

#[span("rules:many", ret(items))]
fn many(count: u32) -> impl Stream<Item = u32> {
    stream::iter(0..count)
}

#[test]
fn ret_items_joins_texts_and_lists_the_rest() {
    let stored = Trace::of_async(async {
        assert_eq!(texts().count().await, 3);
        assert_eq!(list().await.unwrap().count().await, 2);
        assert_eq!(many(10_003).count().await, 10_003);
    });
    assert_eq!(stored.span("rules:texts").result()["output"], "Because…");
    assert_eq!(stored.span("rules:list").result()["output"], json!([{ "Text": "a" }, { "Usage": 1 }]));
    let many = stored.span("rules:many").result()["output"].as_array().unwrap().clone();
    assert_eq!((many.len(), &many[9_999]), (10_001, &json!(9_999)));
    assert!(many[10_000].to_string().contains('3'), "{} says how many are left out", many[10_000]);
}

#[span("rules:hostile", stream(end = |_| panic!("a rule"), first = |_| true))]
fn hostile() -> impl Stream<Item = u8> {
    stream::iter([1, 2])
}

#[test]
fn rule_that_panics_costs_the_program_nothing() {
    let stored = Trace::of_async(async { assert_eq!(hostile().count().await, 2) });
    assert_eq!(stored.span("rules:hostile").result()["items"], 2);
}

#[test]
fn polls_after_the_end_make_no_second_span() {
    let stored = Trace::of_async(async {
        let mut stream = many(1).fuse();
        while stream.next().await.is_some() {}
        let mut stream = Box::pin(many(0));
        assert_eq!((stream.next().await, stream.next().await), (None, None));
    });
    assert_eq!(stored.spans.len(), 2);
}

#[test]
fn stream_keeps_auto_traits_and_size_hint() {
    fn assert_auto<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe>(_: &T) {}
    let stream = many(3);
    assert_auto(&stream);
    assert_eq!(stream.size_hint(), (3, Some(3)));
}
