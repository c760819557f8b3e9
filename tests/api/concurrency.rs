//! Calls that nest, run at once, fail, panic, are dropped or change threads: the stored tree is compared.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use prefactor::{Context, SpanFutureExt as _, span};
use serde_json::json;
use tokio::sync::Barrier;

use crate::support::Trace;

#[span("test:run")]
async fn run(question: &str) -> Result<String, String> {
    let (left, right) = tokio::join!(retrieve("left"), retrieve("right"));
    let answer = call_model(&format!("{question} {left} {right}")).await;
    answer.or_else(|error| Ok(format!("no answer: {error}")))
}

#[span("test:retrieve")]
async fn retrieve(source: &str) -> String {
    tokio::task::yield_now().await;
    read(source).await
}

#[span("test:read")]
async fn read(source: &str) -> String {
    tokio::task::yield_now().await;
    source.to_uppercase()
}

#[span("test:call_model")]
async fn call_model(prompt: &str) -> Result<String, String> {
    Err(format!("{} bytes are too many", prompt.len()))
}

#[test]
fn nested_and_concurrent_calls_make_one_tree() {
    let stored = Trace::of_async(async { run("q").await.unwrap() });
    let root = stored.span("test:run");
    assert_eq!((root.parent_span_id.as_ref(), root.status.as_str()), (None, "complete"));
    assert_eq!(root.result(), &json!({ "result": "no answer: 12 bytes are too many" }));
    assert_eq!(stored.parent_of("test:call_model"), Some("test:run"));
    assert_eq!(stored.span("test:call_model").status, "failed");
    for source in ["left", "right"] {
        let of = |name: &str| {
            let payload = json!({ "source": source });
            stored.spans.iter().find(|span| span.schema_name == name && span.payload == payload).unwrap()
        };
        assert_eq!(of("test:retrieve").parent_span_id.as_ref(), Some(&root.id));
        assert_eq!(of("test:read").parent_span_id.as_ref(), Some(&of("test:retrieve").id));
        assert_eq!(of("test:read").result(), &json!({ "result": source.to_uppercase() }));
    }
    assert_eq!(stored.spans.len(), 6);
    assert_eq!(stored.instance["status"], "complete");
    stored.assert_times_nest();
}

#[span("test:panics")]
async fn panics(message: &str) -> Result<(), String> {
    tokio::task::yield_now().await;
    panic!("panicked: {message}")
}

#[test]
fn panic_fails_the_span_and_goes_on() {
    let stored = Trace::of_async(async {
        let error = tokio::spawn(panics("on purpose").with_current_span()).await.unwrap_err();
        assert_eq!(error.into_panic().downcast_ref::<String>().unwrap(), "panicked: on purpose");
    });
    let span = stored.span("test:panics");
    let result = span.result();
    assert_eq!((span.status.as_str(), &result["error_type"]), ("failed", &json!("panic")));
    assert_eq!(result["message"], "panicked: on purpose");
    let location = result["location"].as_str().unwrap();
    assert!(location.starts_with(file!()), "{location}");
}

#[span("test:panics_sync")]
fn panics_sync() {
    panic!("at once")
}

#[test]
fn panic_of_a_sync_function_fails_the_span_and_goes_on() {
    let stored = Trace::of(|| {
        let panic = std::panic::catch_unwind(AssertUnwindSafe(panics_sync)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>().unwrap(), &"at once");
    });
    let span = stored.span("test:panics_sync");
    assert_eq!((span.status.as_str(), &span.result()["message"]), ("failed", &json!("at once")));
    let location = span.result()["location"].as_str().unwrap();
    assert!(location.starts_with(file!()), "{location}");
}

#[span("test:resumes")]
fn resumes() {
    std::panic::resume_unwind(Box::new("from elsewhere"));
}

#[span("test:resumes_async")]
async fn resumes_async() {
    resumes();
}

#[test]
fn panic_that_is_resumed_is_not_taken_for_the_one_before() {
    let stored = Trace::of_async(async {
        let _ = std::panic::catch_unwind(AssertUnwindSafe(panics_sync));
        let panic = tokio::spawn(resumes_async().with_current_span()).await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref::<&str>().unwrap(), &"from elsewhere");
    });
    let (sync, awaited) = (stored.span("test:resumes"), stored.span("test:resumes_async"));
    assert_eq!((sync.status.as_str(), awaited.status.as_str()), ("failed", "failed"));
    for span in [sync, awaited] {
        assert_eq!(span.result()["message"], "a panic whose message was not seen here");
    }
    assert_eq!(stored.parent_of("test:resumes"), Some("test:resumes_async"));
}

#[span("test:late")]
fn late(question: u8) -> u8 {
    question
}

/// Calls an annotated function when the thread's locals are destroyed.
struct Late(Context);

impl Drop for Late {
    fn drop(&mut self) {
        self.0.clone().in_scope(|| late(1));
    }
}

#[test]
fn call_at_the_end_of_a_thread_is_recorded() {
    thread_local!(static LATE: RefCell<Option<Late>> = const { RefCell::new(None) });
    let stored = Trace::of(|| {
        let context = Context::current();
        let thread = std::thread::spawn(move || {
            // This thread-local is set before all others, so that it is destroyed last.
            LATE.set(Some(Late(context.clone())));
            context.in_scope(|| late(1));
        });
        thread.join().unwrap();
    });
    let spans = stored.spans.iter().filter(|span| span.schema_name == "test:late");
    assert!(spans.clone().all(|span| span.payload == json!({ "question": 1 })));
    assert!(spans.clone().all(|span| span.result() == &json!({ "result": 1 })));
    assert_eq!(spans.count(), 2);
}

#[span("test:outer")]
async fn outer() {
    never().await;
}

#[span("test:never")]
async fn never() {
    std::future::pending::<()>().await;
}

#[test]
fn future_dropped_by_a_timeout_is_cancelled_with_its_children() {
    let stored = Trace::of_async(async {
        assert!(tokio::time::timeout(Duration::from_millis(20), outer()).await.is_err());
    });
    assert_eq!(stored.span("test:outer").status, "cancelled");
    assert_eq!(stored.span("test:never").status, "cancelled");
    assert_eq!(stored.parent_of("test:never"), Some("test:outer"));
    stored.assert_times_nest();
}

#[test]
fn future_dropped_while_the_thread_unwinds_for_another_reason_is_cancelled() {
    let stored = Trace::of_async(async {
        let caught = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let mut dropped = Box::pin(never());
            let mut task = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(dropped.as_mut().poll(&mut task).is_pending());
            panic!("for another reason");
        }));
        assert!(caught.is_err());
    });
    assert_eq!(stored.span("test:never").status, "cancelled");
}

#[test]
fn future_that_is_never_polled_makes_no_span() {
    let stored = Trace::of_async(async { drop(never()) });
    assert!(stored.spans.is_empty());
}

#[span("test:drops")]
async fn drops_a_guard_late() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            span("test:in_destructor").complete(&());
        }
    }
    let _guard = OnDrop;
    std::future::pending::<()>().await;
}

#[test]
fn body_drops_inside_its_span() {
    let stored = Trace::of_async(async {
        assert!(tokio::time::timeout(Duration::from_millis(20), drops_a_guard_late()).await.is_err());
    });
    assert_eq!(stored.parent_of("test:in_destructor"), Some("test:drops"));
}

#[span("test:task", skip(meeting))]
async fn task(number: u32, meeting: Arc<Barrier>) -> u32 {
    meeting.wait().await;
    step(number).await
}

#[span("test:step")]
async fn step(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

#[test]
fn tasks_and_threads_carry_their_span_along() {
    let meeting = Arc::new(Barrier::new(50));
    let stored = Trace::of_async(async {
        let parent = span("test:parent");
        parent.start(&json!({}));
        let spawn = |number| tokio::spawn(task(number, Arc::clone(&meeting)).with_span(&parent));
        for task in (0..50).map(spawn).collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let context = parent.context();
        std::thread::spawn(move || context.in_scope(|| span("test:thread").complete(&()))).join().unwrap();
        let lost = std::thread::spawn(|| Context::current().in_scope(|| span("test:lost").is_noop()));
        assert!(lost.join().unwrap(), "a thread that was told nothing knows nothing");
    });
    let parent = stored.span("test:parent");
    let tasks: Vec<_> = stored.spans.iter().filter(|span| span.schema_name == "test:task").collect();
    assert_eq!(tasks.len(), 50);
    for task in tasks {
        assert_eq!(task.parent_span_id.as_ref(), Some(&parent.id));
        let number = &task.payload["number"];
        let step = stored
            .spans
            .iter()
            .find(|span| span.schema_name == "test:step" && span.payload["number"] == *number);
        assert_eq!(step.unwrap().parent_span_id.as_ref(), Some(&task.id), "number {number}");
    }
    assert_eq!(stored.parent_of("test:thread"), Some("test:parent"));
    stored.assert_times_nest();
}
