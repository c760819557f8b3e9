//! `stream(with = …)`: a type that reads the streams of one client.

use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use prefactor::{ItemMarks, StreamReader, StreamStep, Usage, span};
use prefactor_tests::stored::StoredSpan;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::Trace;

/// The items of a client with two choices.
#[derive(Clone, Debug, Default, Serialize)]
struct Chunk {
    choice: usize,
    text: &'static str,
    is_last: bool,
    tokens: Option<u64>,
    error: Option<&'static str>,
    begins: bool,
}

type Item = Result<Chunk, String>;

/// The answer ends once each choice has ended.
#[derive(Default, Serialize)]
struct Answer {
    texts: Vec<String>,
    #[serde(skip)]
    open: Vec<usize>,
    #[serde(skip)]
    tokens: Option<u64>,
}

impl StreamReader<Item> for Answer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let Ok(chunk) = item else { return ItemMarks::new() };
        self.tokens = self.tokens.max(chunk.tokens);
        if let Some(error) = chunk.error {
            return ItemMarks::new().with_failure(error);
        }
        if chunk.begins {
            *self = Self { tokens: self.tokens, ..Self::default() };
            return ItemMarks::new().with_restart(true);
        }
        while self.texts.len() <= chunk.choice {
            self.open.push(self.texts.len());
            self.texts.push(String::new());
        }
        self.texts[chunk.choice].push_str(chunk.text);
        if chunk.is_last {
            self.open.retain(|open| *open != chunk.choice);
        }
        ItemMarks::new().with_content(!chunk.text.is_empty()).with_end(self.open.is_empty())
    }

    fn usage(&self) -> Option<Usage> {
        self.tokens.map(|tokens| Usage::new().with_output_tokens(tokens))
    }
}

#[span("reader:chat", skip(items), stream(with = Answer))]
fn chat(items: Vec<Item>) -> impl Stream<Item = Item> + Send + Sync + Unpin {
    stream::iter(items)
}

#[span("reader:chat", skip(items), stream(with = Answer))]
async fn chat_in_result(items: Vec<Item>) -> Result<BoxStream<'static, Item>, std::io::Error> {
    Ok(stream::iter(items).boxed())
}

#[expect(clippy::unnecessary_wraps, reason = "an item of the stream")]
fn text(choice: usize, text: &'static str) -> Item {
    Ok(Chunk { choice, text, ..Chunk::default() })
}

#[expect(clippy::unnecessary_wraps, reason = "an item of the stream")]
fn last(choice: usize) -> Item {
    Ok(Chunk { choice, is_last: true, ..Chunk::default() })
}

/// The span of a stream of which that many items are read.
fn read(items: Vec<Item>, count: usize) -> StoredSpan {
    let stored = Trace::of_async(async move {
        let mut stream = chat(items);
        for _ in 0..count {
            let _ = stream.next().await;
        }
    });
    stored.span("reader:chat").clone()
}

fn two_choices() -> Vec<Item> {
    let used = Ok(Chunk { tokens: Some(9), ..Chunk::default() });
    vec![text(0, "ye"), text(1, "n"), text(0, "s"), last(0), text(1, "o"), last(1), used]
}

#[test]
fn reader_with_state_finds_the_end_and_records_answer_and_usage() {
    let span = read(two_choices(), 8);
    assert_eq!((&*span.status, &span.result()["output"]), ("complete", &json!({ "texts": ["yes", "no"] })));
    assert_eq!(span.result()["token_usage"]["completion_tokens"], 9);
    assert_ne!(span.result()["time_to_first_item_ms"], Value::Null);
}

#[test]
fn stream_dropped_before_the_reader_saw_the_end_is_cancelled_and_after_it_complete() {
    let span = read(two_choices(), 5);
    assert_eq!((&*span.status, &span.result()["output"]["texts"]), ("cancelled", &json!(["yes", "no"])));
    assert_eq!(read(two_choices(), 6).status, "complete");
}

#[test]
fn stream_that_ends_without_the_readers_end_is_truncated() {
    for items in [vec![], vec![text(0, "half")]] {
        let span = read(items, 2);
        assert_eq!((&*span.status, &span.result()["error_type"]), ("failed", &json!("stream_truncated")));
    }
}

#[test]
fn ok_item_that_the_reader_calls_a_failure_fails_and_an_err_does_so_by_itself() {
    let error = Ok(Chunk { error: Some("overloaded"), ..Chunk::default() });
    let span = read(vec![text(0, "a"), error, last(0)], 4);
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("overloaded")));
    let span = read(vec![text(0, "a"), Err("reset".into()), text(0, "b"), last(0)], 5);
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("reset")));
    assert_eq!(span.result()["output"]["texts"], json!(["ab"]));
}

#[test]
fn restart_that_the_reader_sees_forgets_the_end() {
    let begins = || Ok(Chunk { begins: true, ..Chunk::default() });
    let span = read(vec![text(0, "half"), last(0), begins()], 4);
    assert_eq!((&*span.status, &span.result()["error_type"]), ("failed", &json!("stream_truncated")));
    let span = read(vec![text(0, "half"), begins(), text(0, "whole"), last(0)], 5);
    assert_eq!((&*span.status, &span.result()["output"]["texts"]), ("complete", &json!(["whole"])));
}

#[test]
fn stream_in_a_result_is_read_by_the_reader() {
    let stored = Trace::of_async(async { chat_in_result(two_choices()).await.unwrap().count().await });
    let span = stored.span("reader:chat");
    assert_eq!((&*span.status, &span.result()["output"]["texts"]), ("complete", &json!(["yes", "no"])));
}

fn count_restarts(count: &mut u32, step: StreamStep<'_, Item>) {
    if matches!(step, StreamStep::Restart) {
        *count += 1;
    }
}

#[span("reader:folded", stream(with = Answer), ret(fold = count_restarts))]
fn folded() -> impl Stream<Item = Item> {
    stream::iter([text(0, "a"), Ok(Chunk { begins: true, tokens: Some(3), ..Chunk::default() }), last(0)])
}

#[span("reader:listed", stream(with = Answer), ret(items))]
fn listed() -> impl Stream<Item = Item> {
    stream::iter([last(0)])
}

#[test]
fn ret_decides_what_is_recorded_beside_a_reader() {
    let stored = Trace::of_async(async { folded().count().await + listed().count().await });
    let folded = stored.span("reader:folded");
    assert_eq!(
        (&folded.result()["output"], &folded.result()["token_usage"]["completion_tokens"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(stored.span("reader:listed").result()["output"][0]["is_last"], true);
}

#[derive(Default, Serialize)]
struct Hostile;

impl<T> StreamReader<Result<T, String>> for Hostile {
    const HAS_END: bool = false;

    fn read(&mut self, _: &Result<T, String>) -> ItemMarks {
        panic!("a reader")
    }

    fn usage(&self) -> Option<Usage> {
        panic!("a reader")
    }
}

#[span("reader:hostile", stream(with = Hostile))]
fn hostile(items: Vec<Item>) -> impl Stream<Item = Item> {
    stream::iter(items)
}

#[span("reader:hostile_rule", stream(end = |_| panic!("a rule")))]
fn hostile_rule(items: Vec<Item>) -> impl Stream<Item = Item> {
    stream::iter(items)
}

#[test]
fn reader_or_rule_that_panics_hides_no_err_and_costs_the_program_nothing() {
    for items in [vec![last(0)], vec![last(0), Err("reset".into())]] {
        let is_failed = items.len() == 2;
        let stored = Trace::of_async(async move {
            hostile(items.clone()).count().await + hostile_rule(items).count().await
        });
        let (reader, rule) = (stored.span("reader:hostile"), stored.span("reader:hostile_rule"));
        assert_eq!(reader.status, if is_failed { "failed" } else { "complete" });
        let message = if is_failed { "reset" } else { "the stream ended without its end marker" };
        assert_eq!((&*rule.status, &rule.result()["message"]), ("failed", &json!(message)));
    }
}
