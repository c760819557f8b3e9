//! Cases of the fault matrix that every exporter must pass, over HTTP, on a console and into a file.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};

use prefactor::export::{ConsoleProcessor, MemoryProcessor, SpanProcessor, SpanRecord};
use prefactor::{Client, ClientBuilder, DropReason, Stats, span};
use prefactor_tests::receiver::Receiver;
use serde_json::{Value, json};

use crate::console::Screen;
use crate::support::{Kind, TIMEOUT, record, stats};

/// A destination, with everything that has arrived there.
enum Destination {
    Http(Kind, Receiver),
    Console(Screen),
    File(tempfile::TempDir),
    Memory(MemoryProcessor),
}

impl Destination {
    /// Makes one of each, empty.
    fn all() -> Vec<Self> {
        vec![
            Self::Http(Kind::Otlp, Receiver::start([])),
            Self::Http(Kind::OpenAi, Receiver::start([])),
            Self::Console(Screen::default()),
            Self::File(tempfile::tempdir().unwrap()),
            Self::Memory(MemoryProcessor::new()),
        ]
    }

    fn name(&self) -> String {
        match self {
            Self::Http(kind, _) => format!("{kind:?}"),
            Self::Console(_) => "console".to_owned(),
            Self::File(_) => "file".to_owned(),
            Self::Memory(_) => "memory".to_owned(),
        }
    }

    fn add(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Http(kind, receiver) => kind.add(builder, receiver),
            Self::Console(screen) => builder.processor(ConsoleProcessor::to(screen.clone(), false)),
            Self::File(folder) => builder.file(Self::path(folder)),
            Self::Memory(memory) => builder.processor(memory.clone()),
        }
    }

    fn client(&self) -> Client {
        self.add(Client::builder()).build().unwrap()
    }

    fn path(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("spans.jsonl")
    }

    fn text(&self) -> String {
        match self {
            Self::Http(_, receiver) => {
                let bodies = receiver.requests().into_iter();
                bodies.map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
            }
            Self::Console(screen) => screen.text(),
            Self::File(folder) => fs::read_to_string(Self::path(folder)).unwrap_or_default(),
            Self::Memory(memory) => {
                let text = |span: Arc<SpanRecord>| {
                    format!("{span:?}{}{}\n", span.payload_json(), span.result_json())
                };
                memory.spans().into_iter().map(text).collect()
            }
        }
    }

    /// Counts a text in it.
    fn count(&self, text: &str) -> usize {
        self.text().matches(text).count()
    }
}

/// Records something with a client of each destination, and shuts it down.
fn with_each(act: impl Fn(&Client), check: impl Fn(&Destination, &Stats)) {
    for destination in Destination::all() {
        let client = destination.client();
        act(&client);
        assert!(client.shutdown(TIMEOUT).is_complete, "{}", destination.name());
        check(&destination, &stats(&client));
    }
}

#[test]
fn every_span_comes_to_each_destination_and_is_acknowledged_once() {
    with_each(
        |client| record(client, 0..300),
        |destination, stats| {
            assert_eq!((stats.created, stats.acknowledged), (300, 300), "{} {stats:?}", destination.name());
            let names = destination.count("test:step");
            assert!(names >= 300 && names % 300 == 0, "{} {names}", destination.name());
        },
    );
}

#[test]
fn f39_panic_in_an_annotated_function_is_a_failed_span_everywhere() {
    #[span("test:panics")]
    fn panics() {
        panic!("as the test asked");
    }
    with_each(
        |client| {
            let run = client.register("tester");
            assert!(catch_unwind(AssertUnwindSafe(|| run.in_scope(panics))).is_err());
        },
        |destination, stats| {
            assert_eq!(stats.acknowledged, 1, "{}", destination.name());
            let text = destination.text().to_lowercase();
            let is_told = text.contains("fail") || text.contains("as the test asked");
            assert!(is_told, "{}: {text}", destination.name());
        },
    );
}

#[test]
fn f31_text_of_fifty_megabytes_reaches_no_destination_whole() {
    let text = "x".repeat(50 << 20);
    with_each(
        |client| client.register("tester").span("test:large").complete(&text),
        |destination, stats| {
            assert_eq!(stats.acknowledged, 1, "{}", destination.name());
            assert!(destination.text().len() < 4 << 20, "{}", destination.name());
        },
    );
}

#[test]
fn f52_dates_before_1970_and_ends_before_starts_cost_no_span() {
    with_each(
        |client| {
            let span = client.register("tester").span("test:old");
            span.start_at(&json!({}), SystemTime::UNIX_EPOCH - Duration::from_secs(86_400));
            span.complete_at(&json!({}), SystemTime::UNIX_EPOCH - Duration::from_secs(172_800));
        },
        |destination, stats| {
            assert_eq!(stats.acknowledged, 1, "{}", destination.name());
            assert!(destination.count("test:old") > 0, "{}", destination.name());
        },
    );
}

#[test]
fn f54_span_after_the_shutdown_is_counted_and_reaches_no_destination() {
    for destination in Destination::all() {
        let client = destination.client();
        let run = client.register("tester");
        run.span("test:before").complete(&1);
        assert!(client.shutdown(TIMEOUT).is_complete);
        (0..1_000).for_each(|_| run.span("test:after").complete(&1));
        assert_eq!(client.stats().dropped(DropReason::AfterShutdown), 1_000, "{}", destination.name());
        assert_eq!(destination.count("test:after"), 0, "{}", destination.name());
        assert!(destination.count("test:before") > 0, "{}", destination.name());
    }
}

#[test]
fn f56_span_that_is_ended_twice_comes_once() {
    with_each(
        |client| {
            let span = client.register("tester").span("test:twice");
            span.complete(&"first");
            span.fail(&"second");
            span.finish();
        },
        |destination, stats| {
            assert_eq!((stats.created, stats.acknowledged), (1, 1), "{}", destination.name());
            assert_eq!(destination.count("second"), 0, "{}", destination.name());
        },
    );
}

#[test]
fn f60_secret_reaches_no_destination() {
    const SECRETS: [&str; 3] =
        ["hunter2-hunter2", "sk-abcdefghijklmnopqrstuvwxyz012345", "AKIAIOSFODNN7EXAMPLE"];
    with_each(
        |client| {
            let run = client.register("tester");
            let span = run.span(format!("test:{}", SECRETS[1]));
            span.start(&json!({ "password": SECRETS[0], "note": format!("uses {}", SECRETS[1]) }));
            span.fail(&format!("the key {} is refused", SECRETS[2]));
        },
        |destination, stats| {
            assert_eq!(stats.acknowledged, 1, "{}", destination.name());
            let text = destination.text();
            assert!(!text.is_empty(), "{}", destination.name());
            for secret in SECRETS {
                assert!(!text.contains(secret), "{}: {secret} in {text}", destination.name());
            }
        },
    );
}

/// Values that destinations have failed at. Each arrives in some form, and leaves its neighbours whole.
#[test]
fn f32_values_of_every_shape_cost_no_span() {
    let nested = (0..500).fold(json!(1), |inner, _| json!([inner]));
    let values: [Value; 7] = [
        json!(null),
        json!({}),
        json!([]),
        json!({ "": "", "a.b": 1, "a": { "b": 2 }, "\u{0}": "\u{1f600}\u{0}\u{1b}[2J" }),
        json!([1, "a", { "b": null }, [true]]),
        json!(u64::MAX),
        nested,
    ];
    with_each(
        |client| {
            let run = client.register("tester");
            for value in &values {
                run.span("test:value").complete(value);
            }
            run.span("test:value").complete(&[f64::NAN, f64::INFINITY]);
        },
        |destination, stats| {
            assert_eq!(stats.acknowledged, 8, "{} {stats:?}", destination.name());
            assert!(destination.count("test:value") >= 8, "{}", destination.name());
            assert!(!destination.text().contains('\u{1b}') || destination.name() != "console");
        },
    );
}

/// Panics at each span.
struct Panicking;

impl SpanProcessor for Panicking {
    fn on_span_end(&mut self, _: &Arc<SpanRecord>) {
        panic!("as the test asked");
    }
}

/// Returns only when the test has ended.
struct Hanging(mpsc::Receiver<()>);

impl SpanProcessor for Hanging {
    fn on_span_end(&mut self, _: &Arc<SpanRecord>) {
        let _ = self.0.recv();
    }
}

#[test]
fn f53_destination_beside_one_that_panics_and_one_that_hangs_has_everything() {
    for destination in Destination::all() {
        let (until, held) = mpsc::channel();
        let builder = destination.add(Client::builder()).processor(Panicking).processor(Hanging(held));
        let client = builder.build().unwrap();
        record(&client, 0..100);
        while stats(&client).acknowledged < 100 {
            let _ = client.flush(Duration::from_millis(10));
        }
        assert!(destination.count("test:step") >= 100, "{}", destination.name());
        drop(until);
        let _ = client.shutdown(TIMEOUT);
    }
}

#[test]
fn f29_burst_beyond_the_queue_is_counted_to_the_last_span() {
    for destination in Destination::all() {
        let client = destination.add(Client::builder().max_queue_bytes(64 << 10)).build().unwrap();
        record(&client, 0..20_000);
        assert!(client.shutdown(TIMEOUT).is_complete, "{}", destination.name());
        let (all, own) = (client.stats(), stats(&client));
        assert_eq!((all.created, all.outstanding), (20_000, 0), "{} {all:?}", destination.name());
        assert_eq!(own.acknowledged + own.dropped_total(), own.created, "{} {own:?}", destination.name());
        assert!(own.acknowledged > 0, "{} {own:?}", destination.name());
    }
}
