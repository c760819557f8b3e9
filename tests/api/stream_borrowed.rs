//! The options of streams whose items borrow: from arguments, from the receiver, with several lifetimes.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, LocalBoxStream, Stream, StreamExt as _};
use prefactor::{ItemMarks, StreamReader, StreamStep, span};
use serde::Serialize;
use serde_json::json;

use crate::support::{Stored, Trace};

/// An error that borrows.
#[derive(Debug)]
struct Cut<'a>(&'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cut after {}", self.0)
    }
}

impl std::error::Error for Cut<'_> {}

/// An item with two lifetimes.
#[derive(Serialize)]
struct Pair<'a, 'b> {
    role: &'a str,
    text: &'b str,
}

#[derive(Default, Serialize)]
struct Folded(String);

fn fold(folded: &mut Folded, step: StreamStep<'_, &str>) {
    match step {
        StreamStep::Restart => folded.0.clear(),
        StreamStep::Item(text) => folded.0.push_str(text),
        _ => {}
    }
}

/// A reader of borrowed items.
#[derive(Default, Serialize)]
struct Words(Vec<String>);

impl<'a, 'e> StreamReader<Result<&'a str, Cut<'e>>> for Words {
    fn read(&mut self, item: &Result<&'a str, Cut<'e>>) -> ItemMarks {
        let Ok(word) = item else { return ItemMarks::new() };
        self.0.push((*word).to_owned());
        ItemMarks::new().with_content(true).with_end(*word == "end")
    }
}

impl StreamReader<&str> for Words {
    fn read(&mut self, item: &&str) -> ItemMarks {
        self.0.push((*item).to_owned());
        ItemMarks::new().with_content(true).with_end(*item == "end")
    }
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn boxed<'a>(words: &'a [&'a str]) -> BoxStream<'a, &'a str> {
    stream::iter(words.iter().copied()).boxed()
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn elided(words: &[String]) -> BoxStream<'_, &str> {
    stream::iter(words.iter().map(String::as_str)).boxed()
}

#[span("borrowed:texts", stream(end = |word| *word == "end", restart = |word| word.is_empty()), ret(fold = fold))]
fn local(words: &[String]) -> LocalBoxStream<'_, &str> {
    stream::iter(words.iter().map(String::as_str)).boxed_local()
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn sync<'a>(words: &'a [String]) -> Pin<Box<dyn Stream<Item = &'a String> + Send + Sync + 'a>> {
    Box::pin(stream::iter(words))
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn opaque<'a>(words: &'a [String]) -> impl Stream<Item = &'a String> + 'a {
    stream::iter(words)
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn opaque_elided(words: &[String]) -> impl Stream<Item = &str> + Send {
    stream::iter(words.iter().map(String::as_str))
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn opaque_in_a_box<'a>(words: &'a [String]) -> Pin<Box<impl Stream<Item = &'a str>>> {
    Box::pin(stream::iter(words.iter().map(String::as_str)))
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
async fn of_async(words: &[String]) -> BoxStream<'_, &str> {
    stream::iter(words.iter().map(String::as_str)).boxed()
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
async fn opaque_of_async(words: &[String]) -> impl Stream<Item = &str> {
    stream::iter(words.iter().map(String::as_str))
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
async fn in_a_result(words: &[String]) -> anyhow::Result<BoxStream<'_, &str>> {
    Ok(stream::iter(words.iter().map(String::as_str)).boxed())
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn opaque_in_a_result(words: &[String]) -> Result<impl Stream<Item = &str>, Cut<'_>> {
    Ok(stream::iter(words.iter().map(String::as_str)))
}

#[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
fn in_a_future(words: &[String]) -> BoxFuture<'_, anyhow::Result<BoxStream<'_, &str>>> {
    async move { Ok(elided_without(words)) }.boxed()
}

fn elided_without(words: &[String]) -> BoxStream<'_, &str> {
    stream::iter(words.iter().map(String::as_str)).boxed()
}

#[span("borrowed:texts", stream(end = |word| word.as_ref() == "end"), ret(items))]
fn generic<'a, T: AsRef<str> + Serialize + Sync>(words: &'a [T]) -> BoxStream<'a, &'a T> {
    stream::iter(words).boxed()
}

#[span("borrowed:texts", stream(with = Words))]
fn reader(words: &[String]) -> BoxStream<'_, &str> {
    stream::iter(words.iter().map(String::as_str)).boxed()
}

#[span("borrowed:texts", stream(with = Words), ret(items))]
fn reader_of_results<'a, 'e>(words: &'a [String], _: &'e str) -> BoxStream<'a, Result<&'a str, Cut<'e>>>
where
    'e: 'a,
{
    stream::iter(words.iter().map(|word| Ok(word.as_str()))).boxed()
}

#[span("borrowed:texts", stream(with = Words), ret(items))]
async fn reader_of_async(words: &[String]) -> impl Stream<Item = Result<&str, Cut<'static>>> {
    stream::iter(words.iter().map(|word| Ok(word.as_str())))
}

type Pairs<'a, 'b> = BoxStream<'a, Pair<'a, 'b>>;

#[span("borrowed:texts", stream(end = |pair| pair.text == "end"), ret(fold = Said::fold))]
fn two_lifetimes<'a, 'b: 'a>(words: &'b [String], role: &'a str) -> Pairs<'a, 'b> {
    stream::iter(words.iter().map(move |text| Pair { role, text })).boxed()
}

#[span("borrowed:texts", stream(end = |pair| pair.text == "end", first = |pair| !pair.role.is_empty()), ret(fold = Said::fold))]
fn two_lifetimes_opaque<'a, 'b>(words: &'b [String], role: &'a str) -> impl Stream<Item = Pair<'a, 'b>> {
    stream::iter(words.iter().map(move |text| Pair { role, text }))
}

#[derive(Default, Serialize)]
struct Said {
    texts: Vec<String>,
}

impl Said {
    fn fold(&mut self, step: StreamStep<'_, Pair<'_, '_>>) {
        if let StreamStep::Item(pair) = step {
            self.texts.push(pair.text.to_owned());
        }
    }
}

struct Model {
    words: Vec<String>,
}

impl Model {
    #[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
    fn boxed(&self) -> BoxStream<'_, &str> {
        stream::iter(self.words.iter().map(String::as_str)).boxed()
    }

    #[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
    fn opaque(&self) -> impl Stream<Item = &str> + '_ {
        stream::iter(self.words.iter().map(String::as_str))
    }

    #[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
    async fn of_async(&mut self) -> anyhow::Result<BoxStream<'_, &mut String>> {
        Ok(stream::iter(&mut self.words).boxed())
    }

    #[span("borrowed:texts", stream(end = |word| matches!(word, Ok(word) if *word == "end")), ret(items))]
    async fn results(&self) -> Result<BoxStream<'_, Result<&str, Cut<'_>>>, Cut<'_>> {
        Ok(stream::iter(self.words.iter().map(|word| Ok(word.as_str()))).boxed())
    }
}

trait Chat {
    fn chat(&self) -> BoxStream<'_, Cow<'_, str>>;
}

impl Chat for Model {
    #[span("borrowed:texts", stream(end = |word| *word == "end"), ret(items))]
    fn chat(&self) -> BoxStream<'_, Cow<'_, str>> {
        stream::iter(self.words.iter().map(|word| Cow::Borrowed(word.as_str()))).boxed()
    }
}

fn words() -> Vec<String> {
    ["be", "cause", "end", "unread"].map(str::to_owned).into()
}

/// Reads to the end marker and drops the stream, so only a rule that was asked makes the span complete.
async fn read_to_the_marker(stream: impl Stream) {
    assert_eq!(stream.take(3).count().await, 3);
}

fn assert_read(stored: &Stored, call: &str) {
    let span = stored.span("borrowed:texts");
    let output = &span.result()["output"];
    let is_read = [json!("becauseend"), json!(["be", "cause", "end"])].contains(output)
        || output["texts"] == json!(["be", "cause", "end"]);
    assert!(span.status == "complete" && is_read && span.result()["items"] == 3, "{call}: {span:?}");
}

macro_rules! read {
    ($($call:ident($words:ident, $model:ident) = $stream:expr;)*) => {$(
        let stored = Trace::of_async(async {
            let $words = words();
            let mut $model = Model { words: words() };
            read_to_the_marker($stream).await;
            let _ = (&$words, &mut $model);
        });
        assert_read(&stored, stringify!($call));
    )*};
}

#[test]
fn rules_and_readers_see_items_that_borrow() {
    read! {
        boxed(words, model) = boxed(&words.iter().map(String::as_str).collect::<Vec<_>>());
        elided(words, model) = elided(&words);
        local(words, model) = local(&words);
        sync(words, model) = sync(&words);
        opaque(words, model) = opaque(&words);
        opaque_elided(words, model) = opaque_elided(&words);
        opaque_in_a_box(words, model) = opaque_in_a_box(&words);
        of_async(words, model) = of_async(&words).await;
        opaque_of_async(words, model) = opaque_of_async(&words).await;
        in_a_result(words, model) = in_a_result(&words).await.unwrap();
        opaque_in_a_result(words, model) = opaque_in_a_result(&words).unwrap();
        in_a_future(words, model) = in_a_future(&words).await.unwrap();
        generic(words, model) = generic(&words);
        reader(words, model) = reader(&words);
        reader_of_results(words, model) = reader_of_results(&words, "");
        reader_of_async(words, model) = reader_of_async(&words).await;
        two_lifetimes(words, model) = two_lifetimes(&words, "model");
        two_lifetimes_opaque(words, model) = two_lifetimes_opaque(&words, "model");
        method(words, model) = model.boxed();
        method_opaque(words, model) = model.opaque();
        method_async(words, model) = model.of_async().await.unwrap();
        method_results(words, model) = model.results().await.unwrap();
        method_of_a_trait(words, model) = model.chat();
    }
}

#[span("borrowed:cut", stream(end = |_| false), ret(items))]
fn cut<'a>(words: &'a [String]) -> BoxStream<'a, Result<&'a str, Cut<'a>>> {
    let cut = words.last().map(|word| Err(Cut(word)));
    stream::iter(words.iter().map(|word| Ok(word.as_str())).chain(cut)).boxed()
}

#[span("borrowed:cut", stream(fail = |item| item.as_ref().err().map(ToString::to_string)), ret(items), err(debug))]
async fn cut_opaque(words: &[String]) -> Result<impl Stream<Item = Result<&str, Cut<'_>>>, Cut<'_>> {
    Ok(stream::iter(words.iter().map(|word| Ok(word.as_str())).chain([Err(Cut(&words[0]))])))
}

#[test]
fn errors_that_borrow_fail_the_span() {
    let stored = Trace::of_async(async { assert_eq!(cut(&words()).count().await, 5) });
    let span = stored.span("borrowed:cut");
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("cut after unread")));
    let stored = Trace::of_async(async { assert_eq!(cut_opaque(&words()).await.unwrap().count().await, 5) });
    let span = stored.span("borrowed:cut");
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("cut after be")));
}
