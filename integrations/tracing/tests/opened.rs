//! The spans of `tracing` that `open_spans` opens around the work of ours.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod lines;

use std::pin::pin;

use futures_util::stream::{self, Stream, StreamExt as _};
use futures_util::{FutureExt as _, join};
use prefactor::testing::{Recorder, Trace};
use prefactor::{SpanFutureExt as _, span};
use prefactor_tracing::{layer, open_spans};
use tracing::{Instrument as _, info, info_span};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use self::lines::Lines;

/// Each line's spans and message, without the ids.
fn scopes(lines: &Lines) -> Vec<String> {
    let without_ids = |line: String| {
        let mut kept = String::new();
        let mut rest = &*line;
        while let Some((before, fields)) = rest.split_once('{') {
            kept.push_str(before);
            rest = fields.split_once('}').unwrap().1;
        }
        kept + rest
    };
    lines.texts().into_iter().map(without_ids).collect()
}

/// Runs a body in a run of its own, and gives the lines that were logged beside what was recorded.
fn logged(body: impl FnOnce()) -> (Lines, Trace) {
    logged_with(FmtSpan::NONE, body)
}

fn logged_with(of_spans: FmtSpan, body: impl FnOnce()) -> (Lines, Trace) {
    open_spans();
    let lines = Lines::default();
    let writer = lines.clone();
    let format = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_span_events(of_spans)
        .without_time()
        .with_level(false)
        .with_target(false)
        .with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(layer()).with(format);
    let recorder = Recorder::new();
    tracing::subscriber::with_default(subscriber, || recorder.run(body));
    (lines, recorder.trace())
}

fn run_to_end<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

#[span("agent:llm_call")]
fn ask(question: &str) -> usize {
    info!("asking");
    question.len()
}

#[span("agent:run")]
fn agent() -> usize {
    info!("before");
    let answer = ask("why");
    info!("after");
    answer
}

/// The current span as a line shows it.
fn shown() -> String {
    let span = prefactor::current_span();
    let (trace_id, span_id) = (span.trace_id().unwrap(), span.span_id().unwrap());
    format!("{}{{trace_id={trace_id} span_id={span_id}}}", span.schema_name())
}

#[span("tool:inner")]
fn inner() -> String {
    info!("within");
    shown()
}

#[span("agent:outer")]
fn outer() -> (String, String) {
    info!("before");
    let inner = inner();
    info!("after");
    (shown(), inner)
}

#[test]
fn line_within_a_span_has_the_names_and_ids_of_its_spans() {
    let mut spans = None;
    let (lines, _) = logged(|| {
        info!("outside");
        spans = Some(outer());
    });
    let (outer, inner) = spans.unwrap();
    let within = format!("{outer}:{inner}: within");
    assert_eq!(
        lines.texts(),
        ["outside".to_owned(), format!("{outer}: before"), within, format!("{outer}: after")]
    );
}

#[test]
fn spans_of_both_nest_in_each_other_and_none_is_there_twice() {
    let (lines, trace) = logged(|| {
        let request = info_span!("request");
        request.in_scope(|| {
            span("agent:run").in_scope(|| {
                let chat = info_span!("chat", gen_ai.operation.name = "chat", gen_ai.usage.input_tokens = 3);
                chat.in_scope(|| info_span!("retry").in_scope(|| ask("why")));
                info!("in the run");
            });
            info!("in the request");
        });
    });
    assert_eq!(
        scopes(&lines),
        [
            "request:agent:run:chat:retry:agent:llm_call: asking",
            "request:agent:run: in the run",
            "request: in the request"
        ]
    );
    trace.assert_outline(&["agent:run complete", "  agent:llm_call complete", "    agent:llm_call complete"]);
}

#[span("tool:step")]
async fn step(name: &str) {
    info!("{name} begins");
    tokio::task::yield_now().await;
    info!("{name} ends");
}

#[span("agent:async")]
async fn steps(first: &str, second: &str) {
    step(first).await;
    info!("between");
    step(second).await;
}

#[test]
fn span_is_left_while_its_future_waits() {
    let (lines, _) = logged(|| {
        run_to_end(async {
            join!(steps("a", "b"), async {
                info!("beside");
                tokio::task::yield_now().await;
                info!("beside");
            });
            info!("outside");
        });
    });
    let lines = scopes(&lines);
    assert_eq!(lines.iter().filter(|line| *line == "beside").count(), 2, "{lines:#?}");
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("agent:async:tool:step: ")).count(),
        4,
        "{lines:#?}"
    );
    assert!(lines.contains(&"agent:async: between".to_owned()), "{lines:#?}");
    assert_eq!(lines.last().unwrap(), "outside");
}

/// Logs in its destructor.
struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        info!("cleanup");
    }
}

#[span("agent:dropped")]
async fn dropped() {
    let _cleanup = Cleanup;
    std::future::pending::<()>().await;
}

#[span("agent:panics")]
fn panics() {
    panic!("the body");
}

#[span("agent:streams")]
fn streams() -> impl Stream<Item = u8> {
    stream::iter(0..2).map(|item| {
        info!("item {item}");
        item
    })
}

#[test]
fn dropped_futures_panics_and_streams_leave_nothing_entered() {
    let (lines, trace) = logged(|| {
        assert!(dropped().now_or_never().is_none());
        info!("outside");
        assert!(std::panic::catch_unwind(panics).is_err());
        info!("outside");
        let mut stream = pin!(streams());
        assert_eq!(stream.next().now_or_never(), Some(Some(0)));
        info!("outside");
    });
    assert_eq!(
        scopes(&lines),
        ["agent:dropped: cleanup", "outside", "outside", "agent:streams: item 0", "outside"]
    );
    trace.assert_outline(&["agent:dropped cancelled", "agent:panics failed", "agent:streams cancelled"]);
}

#[test]
fn span_is_closed_when_it_has_ended_and_is_left_everywhere() {
    let (lines, _) = logged_with(FmtSpan::NEW | FmtSpan::CLOSE, || {
        ask("why");
        let by_hand = span("tool:by_hand");
        let entered = by_hand.enter();
        by_hand.complete(&());
        info!("ended and entered");
        drop(entered);
        by_hand.in_scope(|| info!("ended"));
    });
    let without_times = |line: String| match line.split_once(" time.busy") {
        Some((before, _)) => before.to_owned(),
        None => line,
    };
    let lines: Vec<_> = scopes(&lines).into_iter().map(without_times).collect();
    assert_eq!(
        lines,
        [
            "agent:llm_call: new",
            "agent:llm_call: asking",
            "agent:llm_call: close",
            "tool:by_hand: new",
            "tool:by_hand: ended and entered",
            "tool:by_hand: close",
            "ended",
        ]
    );
}

#[test]
fn span_that_is_carried_to_a_task_or_thread_is_entered_there() {
    let (lines, _) = logged(|| {
        let run = span("agent:run");
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let context = run.context();
        let (carried, instrumented) = run.in_scope(|| {
            let instrumented = async { info!("instrumented") }.instrument(tracing::Span::current());
            (async { info!("carried") }.with_current_span(), instrumented)
        });
        run_to_end(async {
            tokio::spawn(carried).await.unwrap();
            tokio::spawn(async { info!("alone") }).await.unwrap();
            tokio::spawn(instrumented).await.unwrap();
        });
        let thread = move || tracing::dispatcher::with_default(&dispatch, || context.in_scope(|| ask("why")));
        std::thread::spawn(thread).join().unwrap();
    });
    let expected =
        ["agent:run: carried", "alone", "agent:run: instrumented", "agent:run:agent:llm_call: asking"];
    assert_eq!(scopes(&lines), expected);
}

/// Panics where a span is opened.
struct Hostile;

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hostile {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: Context<'_, S>,
    ) {
        assert_ne!(attributes.metadata().target(), "prefactor", "the layer panics");
    }
}

#[test]
fn subscriber_that_panics_or_wants_no_span_costs_the_program_nothing() {
    open_spans();
    let recorder = Recorder::new();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(Hostile), || {
        recorder.run(|| assert_eq!(agent(), 3));
    });
    let filtered = tracing_subscriber::registry().with(tracing_subscriber::filter::LevelFilter::WARN);
    tracing::subscriber::with_default(filtered, || recorder.run(|| assert_eq!(agent(), 3)));
    recorder.run(|| assert_eq!(agent(), 3));
    assert_eq!(recorder.trace().spans().count(), 6);
}

#[test]
fn no_span_is_opened_where_no_client_records() {
    open_spans();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .without_time()
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || assert_eq!(agent(), 3));
    assert!(lines.texts().iter().all(|line| !line.contains("agent:run")), "{:#?}", lines.texts());
}
