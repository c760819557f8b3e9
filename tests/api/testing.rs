//! `prefactor::testing`: a client that keeps its spans, as a tree.

use std::panic::catch_unwind;
use std::sync::Mutex;

use prefactor::testing::Recorder;
use prefactor::{Client, SpanFutureExt as _, SpanStatus, span};

#[span("agent:answer")]
async fn answer(question: &str) -> Result<usize, String> {
    let (left, right) = (search(question).await?, tokio::spawn(search("more").with_current_span()).await);
    Ok(left + right.unwrap()?)
}

#[span("tool:search")]
async fn search(query: &str) -> Result<usize, String> {
    if query.is_empty() { Err("an empty query".into()) } else { Ok(query.len()) }
}

#[tokio::test]
async fn tree_is_given_back_with_values() {
    let recorder = Recorder::new();
    assert_eq!(recorder.run_async(answer("why")).await, Ok(7));
    let trace = recorder.trace();
    trace.assert_outline(&["agent:answer complete", "  tool:search complete", "  tool:search complete"]);
    assert_eq!(trace.find("tool:search").payload["query"], "why");
    assert_eq!(trace.roots[0].children[1].result["result"], 4);
    assert_eq!(trace.spans().count(), 3);
}

#[tokio::test]
async fn failure_has_its_error() {
    let recorder = Recorder::new();
    assert!(recorder.run_async(answer("")).await.is_err());
    let trace = recorder.trace();
    let search = trace.find("tool:search");
    assert_eq!(search.status, SpanStatus::Failed);
    let error = search.error.as_ref().unwrap();
    assert_eq!(
        (error.error_type.as_str(), error.message.as_str()),
        ("alloc::string::String", "an empty query")
    );
}

#[test]
fn difference_is_shown_line_by_line() {
    let recorder = Recorder::new();
    recorder.run(|| span("tool:search").complete(&1));
    let trace = recorder.trace();
    let panic =
        catch_unwind(|| trace.assert_outline(&["tool:search failed", "tool:fetch complete"])).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("- tool:search failed\n+ tool:search complete\n- tool:fetch complete\n"),
        "{message}"
    );
}

#[test]
fn panic_of_an_assertion_names_the_line_of_the_test() {
    static PLACES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let outer = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<String>().is_some_and(|message| message.contains("test:nowhere")) {
            PLACES.lock().unwrap().extend(panic.location().map(|place| place.file().to_owned()));
        } else {
            outer(panic);
        }
    }));
    let recorder = Recorder::new();
    recorder.run(|| span("tool:search").complete(&1));
    let trace = recorder.trace();
    catch_unwind(|| _ = trace.find("test:nowhere")).unwrap_err();
    catch_unwind(|| trace.assert_outline(&["test:nowhere complete"])).unwrap_err();
    assert_eq!(*PLACES.lock().unwrap(), [file!(); 2]);
}

#[test]
fn recorders_do_not_hear_of_each_other() {
    let (first, second) = (Recorder::new(), Recorder::with(Client::builder().capture_inputs(false)));
    first.run(|| span("tool:first").complete(&1));
    second.run(|| span("tool:second").start(&"secret"));
    first.trace().assert_outline(&["tool:first complete"]);
    let trace = second.trace();
    trace.assert_outline(&["tool:second complete"]);
    assert_eq!(trace.roots[0].payload, serde_json::json!({}));
}
