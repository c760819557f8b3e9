//! The end of a span follows the returned type at any depth, whatever the program's own code does while it is read.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use futures_util::future::Either;
use prefactor::{current_span, span};
use serde_json::{Value, json};

use crate::support::Trace;

/// An error whose code panics in one place.
macro_rules! hostile_errors {
    ($($name:ident { $($item:item)* })*) => {$(
        #[derive(Debug)]
        struct $name;

        $($item)*
    )*};
}

hostile_errors! {
    NoSource {
        impl Display for NoSource {
            fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("the model is overloaded")
            }
        }

        impl Error for NoSource {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                panic!("no source")
            }
        }
    }
    NoText {
        impl Display for NoText {
            fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
                panic!("no text")
            }
        }
    }
    NoReference {
        impl AsRef<dyn Error> for NoReference {
            fn as_ref(&self) -> &(dyn Error + 'static) {
                panic!("no reference")
            }
        }
    }
}

fn first_line(text: &String) -> String {
    text.lines().next().unwrap().to_owned()
}

#[span("hostile:source")]
fn source() -> Result<(), NoSource> {
    Err(NoSource)
}

#[span("hostile:source_async")]
async fn source_async() -> Result<(), NoSource> {
    Err(NoSource)
}

#[span("hostile:text")]
fn text() -> Result<(), NoText> {
    Err(NoText)
}

#[span("hostile:reference")]
fn reference() -> Result<(), NoReference> {
    Err(NoReference)
}

#[span("hostile:with", err(with = first_line))]
fn with() -> Result<(), String> {
    Err(String::new())
}

#[span("hostile:skip_ret", ret(skip))]
fn skip_ret() -> Result<(), NoSource> {
    Err(NoSource)
}

#[test]
fn panic_while_an_err_is_read_leaves_the_span_failed() {
    let stored = Trace::of_async(async {
        let _ = (source(), source_async().await, text(), reference(), with(), skip_ret());
    });
    assert_eq!(stored.spans.len(), 6);
    for span in &stored.spans {
        assert_eq!(
            (&*span.status, &span.result()["message"]),
            ("failed", &json!("<capture panicked>")),
            "{span:?}"
        );
        assert!(span.result()["error_type"].as_str().is_some_and(|name| !name.is_empty()), "{span:?}");
    }
}

/// One function for each return type.
macro_rules! nested {
    ($($name:ident $status:literal: $returned:ty = $value:expr;)*) => {
        $(
            #[span("nested:one")]
            fn $name() -> $returned {
                $value
            }
        )*

        #[test]
        fn err_within_containers_is_a_failure() {
            $(
                let stored = Trace::of(|| {
                    let _ = $name();
                });
                let span = stored.span("nested:one");
                assert_eq!(span.status, $status, "{}", stringify!($name));
                if $status == "failed" {
                    assert_eq!(span.result()["message"], "deep", "{}", stringify!($name));
                }
            )*
        }
    };
}

static DEEP: Result<u8, &str> = Err("deep");

nested! {
    err_outside "failed": Result<Result<u8, u8>, &'static str> = Err("deep");
    err_inside "failed": Result<Result<u8, &'static str>, u8> = Ok(Err("deep"));
    err_third "failed": Result<Result<Result<u8, &'static str>, u8>, std::io::Error> = Ok(Ok(Err("deep")));
    err_fourth "complete": Result<Result<Result<Result<u8, &'static str>, u8>, u8>, u8> = Ok(Ok(Ok(Err("deep"))));
    ok_inside "complete": Result<Result<u8, &'static str>, u8> = Ok(Ok(1));
    some_err "failed": Option<Result<u8, &'static str>> = Some(Err("deep"));
    none "complete": Option<Result<u8, &'static str>> = None;
    ok_some_err "failed": Result<Option<Result<u8, &'static str>>, u8> = Ok(Some(Err("deep")));
    ready_err "failed": Poll<Result<u8, &'static str>> = Poll::Ready(Err("deep"));
    pending "complete": Poll<Result<u8, &'static str>> = Poll::Pending;
    borrowed "failed": &'static Result<u8, &'static str> = &DEEP;
    shared "failed": Arc<Result<u8, &'static str>> = Arc::new(Err("deep"));
    counted "failed": Rc<Result<u8, &'static str>> = Rc::new(Err("deep"));
    boxed "failed": Box<Result<u8, &'static str>> = Box::new(Err("deep"));
    some_shared "failed": Option<Arc<Result<u8, &'static str>>> = Some(Arc::new(Err("deep")));
    both "complete": (Result<u8, &'static str>, u8) = (Err("deep"), 1);
    flow "complete": std::ops::ControlFlow<&'static str, u8> = std::ops::ControlFlow::Break("deep");
    either "complete": Either<Result<u8, &'static str>, u8> = Either::Left(Err("deep"));
    some_either "complete": Option<Either<u8, Result<u8, &'static str>>> = Some(Either::Right(Err("deep")));
}

#[span("value:nested")]
fn nested_value() -> Result<Result<u8, String>, u8> {
    Ok(Ok(7))
}

#[test]
fn innermost_value_is_the_result() {
    let stored = Trace::of(|| {
        let _ = nested_value();
    });
    assert_eq!(stored.span("value:nested").result(), &json!({ "result": 7 }));
}

#[span("message:text", fail_when = |hits| hits.is_empty().then_some("nothing found"))]
fn find(query: &str) -> Vec<String> {
    query.split(' ').filter(|word| word.len() > 3).map(str::to_owned).collect()
}

#[span("message:bool", fail_when = Vec::is_empty)]
async fn find_async(query: &str) -> Vec<String> {
    find(query)
}

#[test]
fn fail_when_gives_a_message() {
    let stored = Trace::of_async(async {
        assert_eq!(find_async("a b").await.len(), 0);
    });
    let span = stored.span("message:text");
    assert_eq!((&*span.status, &span.result()["message"]), ("failed", &json!("nothing found")));
    assert_eq!(stored.span("message:bool").result()["error_type"], "fail_when");
}

#[span]
fn named_after_its_path() {}

#[span(skip(secret))]
async fn r#async(secret: &str, shown: u8) -> usize {
    secret.len() + usize::from(shown)
}

#[test]
fn bare_attribute_names_the_span_after_the_function() {
    let stored = Trace::of_async(async {
        named_after_its_path();
        assert_eq!(r#async("abc", 1).await, 4);
    });
    stored.span("api::outcomes::named_after_its_path");
    assert_eq!(stored.span("api::outcomes::async").payload, json!({ "shown": 1 }));
}

struct Tool;

impl Tool {
    #[span("habits:skip_self", skip(self))]
    fn call(&self, name: &str) -> usize {
        let _ = self;
        name.len()
    }

    #[span("habits:skip_all", skip_all)]
    fn nothing(&self) {
        let _ = self;
    }
}

#[span("habits:skip_all_of_none", skip_all)]
fn nothing() {}

#[span("habits:skip_underscore", skip(_client))]
fn underscored(_client: &str, name: &str) -> usize {
    name.len()
}

#[span("habits:skip_twice", skip(client), skip_all)]
async fn skipped_twice(client: &str, name: &str) -> usize {
    client.len() + name.len()
}

#[span("habits:ret", ret)]
fn returns_nothing() {}

#[span("habits:ret_skip", ret(skip))]
async fn returns_nothing_skipped() {}

#[test]
fn options_that_say_what_is_true_already_do_no_harm() {
    let stored = Trace::of_async(async {
        assert_eq!(Tool.call("x"), 1);
        Tool.nothing();
        nothing();
        assert_eq!(underscored("x", "y"), 1);
        assert_eq!(skipped_twice("x", "y").await, 2);
        returns_nothing();
        returns_nothing_skipped().await;
    });
    assert_eq!(stored.span("habits:skip_self").payload, json!({ "name": "x" }));
    assert_eq!(stored.span("habits:skip_all_of_none").payload, json!({}));
    assert_eq!(stored.span("habits:skip_underscore").payload, json!({ "name": "y" }));
    assert_eq!(stored.span("habits:skip_twice").payload, json!({}));
    for name in ["habits:ret", "habits:ret_skip"] {
        let span = stored.span(name);
        assert_eq!((&*span.status, span.result()), ("complete", &Value::Null), "{name}");
    }
}

#[span("merged:set", ret(debug))]
fn merged() -> &'static str {
    current_span().set_result(&json!({ "usage": { "tokens": 7 }, "result": "set by hand" }));
    "returned"
}

#[span("merged:members", fail_when = |value| value["is_wrong"] == true)]
fn merged_members(is_wrong: bool) -> Value {
    current_span().set_result(&json!({ "usage": { "tokens": 7 }, "same": [1] }));
    json!({ "is_wrong": is_wrong, "same": [1], "usage": { "tokens": 0 }, "text": "a" })
}

#[span("merged:stream", ret(items))]
fn merged_stream() -> impl futures_util::Stream<Item = &'static str> {
    current_span().set_result(&json!({ "output": "set by hand", "model": "small" }));
    futures_util::stream::iter(["a"])
}

#[test]
fn member_set_by_hand_stays_and_the_returned_one_is_kept_beside_it() {
    let stored = Trace::of(|| {
        let _ = merged();
    });
    let expected =
        json!({ "usage": { "tokens": 7 }, "result": "set by hand", "result_returned": "\"returned\"" });
    assert_eq!(stored.span("merged:set").result(), &expected);
    for is_wrong in [false, true] {
        let stored = Trace::of(|| {
            merged_members(is_wrong);
        });
        let result = stored.span("merged:members").result().clone();
        assert_eq!(
            (&result["usage"], &result["usage_returned"]),
            (&json!({ "tokens": 7 }), &json!({ "tokens": 0 }))
        );
        assert_eq!(
            (&result["same"], result.get("same_returned"), &result["text"]),
            (&json!([1]), None, &json!("a"))
        );
    }
    let stored = Trace::of_async(async { futures_util::StreamExt::count(merged_stream()).await });
    let result = stored.span("merged:stream").result().clone();
    assert_eq!((&result["output"], &result["output_returned"]), (&json!("set by hand"), &json!("a")));
    assert_eq!((&result["items"], &result["model"]), (&json!(1), &json!("small")));
}

/// Holds any error like `eyre::Report`: it is no error itself, and shows it by `AsRef`.
#[derive(Debug)]
struct Report(Box<dyn Error + Send + Sync>);

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl AsRef<dyn Error + Send + Sync> for Report {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl AsRef<dyn Error> for Report {
    fn as_ref(&self) -> &(dyn Error + 'static) {
        &*self.0
    }
}

fn parsed() -> Box<dyn Error + Send + Sync> {
    "x".parse::<u8>().unwrap_err().into()
}

#[span("types:report")]
fn report() -> Result<(), Report> {
    Err(Report(parsed()))
}

#[test]
fn report_that_may_hold_any_error_is_named_after_the_innermost_known_one() {
    let stored = Trace::of(|| {
        let _ = report();
    });
    assert_eq!(stored.span("types:report").result()["error_type"], "core::num::error::ParseIntError");
}
