//! Hostile values, each in a process of its own: the process survives, the span is delivered, and its other arguments
//! are whole.
//!
//! The calls run on a thread with 256 KiB of stack.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, SystemTime};

use prefactor::{Client, InstanceStatus, span};
use prefactor_local::Server;
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Makes the call with the hostile argument, and returns the expected result.
type Case = fn() -> Value;

const CASES: [(&str, Case); 20] = [
    ("deep", deep),
    ("wrapped", wrapped),
    ("deep_debug", deep_debug),
    ("cyclic", cyclic),
    ("cyclic_debug", cyclic_debug),
    ("bushy", bushy),
    ("panicking", panicking),
    ("panicking_twice", panicking_twice),
    ("erring", erring),
    ("numbers", numbers),
    ("keys", keys),
    ("paths_and_times", paths_and_times),
    ("borrowed", borrowed),
    ("locks", locks),
    ("huge_text", huge_text),
    ("huge_debug", huge_debug),
    ("huge_bytes", huge_bytes),
    ("huge_list", huge_list),
    ("traced", traced),
    ("slow", slow),
];

#[test]
fn f31_the_process_lives_and_the_span_is_delivered() {
    if let Ok(name) = std::env::var("PREFACTOR_TEST_HOSTILE") {
        let (_, case) = CASES.into_iter().find(|(case, _)| *case == name).unwrap();
        run(case);
        println!("all good");
        return;
    }
    for (name, _) in CASES {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "f31_the_process_lives_and_the_span_is_delivered", "--nocapture"]);
        let output = command.env("PREFACTOR_TEST_HOSTILE", name).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("all good"), "{name}: {:?}\n{text}", output.status);
    }
}

/// Runs the case, whose calls are `test:hostile`, and compares the argument called `hostile`.
fn run(case: Case) {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let context = instance.context();
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let expected = thread.spawn(move || context.in_scope(case)).unwrap().join().unwrap();
    instance.finish(InstanceStatus::Complete);
    let report = client.shutdown(Duration::from_secs(60));
    assert!(report.is_complete && report.stats.acknowledged == 1 && report.stats.created == 1, "{report}");

    let url = format!("{}/api/v1/agent_spans?agent_instance_id={}", server.url(), instance.id().unwrap());
    let mut answer =
        ureq::get(&url).header("authorization", &format!("Bearer {}", server.token())).call().unwrap();
    let body: Value = answer.body_mut().read_json().unwrap();
    let span = &body["summaries"][0];
    assert_eq!((&span["payload"]["before"], &span["payload"]["after"]), (&json!(1), &json!("whole")));
    let hostile = &span["payload"]["hostile"];
    assert_eq!(&span["result_payload"], &json!({ "result": "done" }));
    if let Some(part) = expected.as_str().and_then(|text| text.strip_prefix("contains ")) {
        assert!(hostile.to_string().contains(part), "no {part}");
    } else {
        let text = hostile.to_string();
        assert!(*hostile == expected, "{}", text.chars().take(400).collect::<String>());
    }
}

#[span("test:hostile")]
fn serialized<T: Serialize>(before: u8, hostile: &T, after: &str) -> &'static str {
    let _ = (before, hostile, after);
    "done"
}

#[span("test:hostile", debug(hostile))]
fn debugged<T: fmt::Debug>(before: u8, hostile: &T, after: &str) -> &'static str {
    let _ = (before, hostile, after);
    "done"
}

#[derive(Debug, Serialize)]
struct Node {
    next: Option<Box<Node>>,
}

/// It is leaked, because its destructor would overflow the stack.
fn nodes() -> &'static Node {
    let mut node = Node { next: None };
    for _ in 0..1_000_000 {
        node = Node { next: Some(Box::new(node)) };
    }
    Box::leak(Box::new(node))
}

fn deep() -> Value {
    serialized(1, nodes(), "whole");
    json!("contains {\"next\":\"<too deep>\"}")
}

fn deep_debug() -> Value {
    debugged(1, nodes(), "whole");
    json!("contains ... [truncated]")
}

fn wrapped() -> Value {
    #[derive(Serialize)]
    struct Wrapper(Option<Box<Wrapper>>);
    let mut wrapper = Wrapper(None);
    for _ in 0..1_000_000 {
        wrapper = Wrapper(Some(Box::new(wrapper)));
    }
    serialized(1, Box::leak(Box::new(wrapper)), "whole");
    json!("<too deep>")
}

#[derive(Default)]
struct Cycle {
    to: RefCell<Vec<Rc<Cycle>>>,
}

impl Cycle {
    fn new(times: usize) -> Rc<Self> {
        let cycle = Rc::new(Self::default());
        *cycle.to.borrow_mut() = vec![Rc::clone(&cycle); times];
        cycle
    }
}

impl Serialize for Cycle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let to = self.to.borrow();
        let mut seq = serializer.serialize_seq(Some(to.len()))?;
        to.iter().try_for_each(|next| seq.serialize_element(&**next))?;
        seq.end()
    }
}

impl fmt::Debug for Cycle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.to.borrow().iter()).finish()
    }
}

fn cyclic() -> Value {
    serialized(1, &*Cycle::new(1), "whole");
    (1..32).fold(json!(["<too deep>"]), |inner, _| json!([inner]))
}

fn cyclic_debug() -> Value {
    debugged(1, &*Cycle::new(1), "whole");
    json!("contains [[[[[[[[")
}

/// Two ways at each level are 2^32 values.
fn bushy() -> Value {
    serialized(1, &*Cycle::new(2), "whole");
    json!("contains {\"$truncated\":1}")
}

struct Panicking;

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("half", "written")?;
        panic!("on purpose")
    }
}

impl fmt::Debug for Panicking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("half written")?;
        panic!("on purpose")
    }
}

#[derive(Serialize)]
struct Around<T> {
    left: u8,
    inner: T,
    right: u8,
}

fn panicking() -> Value {
    struct Debugged;
    impl Serialize for Debugged {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{Panicking:?}"))
        }
    }
    serialized(1, &Around { left: 1, inner: (Panicking, Debugged), right: 2 }, "whole");
    json!({ "left": 1, "inner": ["<capture panicked>", "<capture panicked>"], "right": 2 })
}

/// It panics with a value that panics when it is dropped.
fn panicking_twice() -> Value {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose")
        }
    }
    struct Thrower;
    impl Serialize for Thrower {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            std::panic::panic_any(Bomb)
        }
    }
    serialized(1, &Thrower, "whole");
    json!("<capture panicked>")
}

fn erring() -> Value {
    struct Erring;
    impl Serialize for Erring {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("half", "written")?;
            Err(S::Error::custom("on purpose"))
        }
    }
    serialized(1, &Around { left: 1, inner: Erring, right: 2 }, "whole");
    json!({ "left": 1, "inner": "<capture failed>", "right": 2 })
}

fn numbers() -> Value {
    serialized(1, &(f64::NAN, f32::NEG_INFINITY, i128::MIN, u128::from(u64::MAX), u64::MAX), "whole");
    json!(["NaN", "-Infinity", i128::MIN.to_string(), u64::MAX, u64::MAX])
}

fn keys() -> Value {
    let by_tuple = HashMap::from([((1, None::<u8>), 'a')]);
    let by_nul = BTreeMap::from([("nul\0", "\0")]);
    serialized(1, &(by_tuple, by_nul), "whole");
    json!([{ "[1,null]": "a" }, { "nul\u{fffd}": "\u{fffd}" }])
}

fn paths_and_times() -> Value {
    #[cfg(unix)]
    let path = PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(vec![0xff]));
    #[cfg(not(unix))]
    let path = PathBuf::from("path");
    let time = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    serialized(1, &(vec![path], time, 1), "whole");
    if cfg!(unix) {
        json!([["<capture failed>"], "<capture failed>", 1])
    } else {
        json!([["path"], "<capture failed>", 1])
    }
}

fn borrowed() -> Value {
    let cell = RefCell::new(1);
    let _borrowed = cell.borrow_mut();
    serialized(1, &Around { left: 1, inner: &cell, right: 2 }, "whole");
    json!({ "left": 1, "inner": "<capture failed>", "right": 2 })
}

/// The table leaves out a lock that the caller itself holds: its `Serialize` waits for ever, as anywhere else.
fn locks() -> Value {
    struct Shown<T>(T);
    impl<T: fmt::Debug> Serialize for Shown<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{:?}", self.0))
        }
    }
    let [poisoned, held, elsewhere] = [1, 2, 3].map(|number| Arc::new(Mutex::new(number)));
    let poison = Arc::clone(&poisoned);
    let _ = std::thread::spawn(move || {
        let _guard = poison.lock().unwrap();
        panic!("on purpose")
    })
    .join();
    let _guard = held.lock().unwrap();
    let (locked, is_locked) = mpsc::channel();
    let other = Arc::clone(&elsewhere);
    std::thread::spawn(move || {
        let _guard = other.lock().unwrap();
        locked.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    });
    is_locked.recv().unwrap();
    serialized(1, &(&*poisoned, Shown(&*held), &*elsewhere), "whole");
    json!(["<capture failed>", format!("{:?}", &*held), 3])
}

/// A number that counts its reads.
#[derive(Clone, Copy)]
struct Counted(u8);

static LOOKS: AtomicUsize = AtomicUsize::new(0);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        LOOKS.fetch_add(1, Relaxed);
        serializer.serialize_u8(self.0)
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        LOOKS.fetch_add(1, Relaxed);
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// The benchmark of the caller shows the time.
fn huge_text() -> Value {
    let text = "x".repeat(50 << 20);
    serialized(1, &text, "whole");
    let omitted = text.len() - 9_966;
    json!(format!("{}... [truncated {omitted} bytes] ...{}", "x".repeat(6_966), "x".repeat(3_000)))
}

fn huge_debug() -> Value {
    let list = vec![Counted(1); 10 << 20];
    debugged(1, &list, "whole");
    // 10,000 characters hold 3,334 of the values.
    assert!(LOOKS.load(Relaxed) <= 3_334, "{LOOKS:?}");
    json!(format!("[{}... [truncated]", "1, ".repeat(3_328)))
}

fn huge_bytes() -> Value {
    let bytes = vec![0_u8; 50 << 20];
    serialized(1, &bytes, "whole");
    json!("contains \"$bytes\":52428800")
}

fn huge_list() -> Value {
    let list = vec![Counted(0); 50 << 20];
    serialized(1, &list, "whole");
    assert!(LOOKS.load(Relaxed) <= 40_000, "{LOOKS:?}");
    json!("contains \"$bytes\":52428800")
}

/// A value that traces itself during its capture.
fn traced() -> Value {
    #[span("test:inner")]
    fn inner<T: Serialize>(value: &T) -> u8 {
        let _ = value;
        7
    }
    struct Traced;
    impl Serialize for Traced {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let manual = span("test:manual");
            manual.start(self);
            prefactor::current_span().set_result(self);
            serializer.serialize_u8(inner(self))
        }
    }
    serialized(1, &[Traced, Traced], "whole");
    json!([7, 7])
}

fn slow() -> Value {
    struct Slow;
    impl Serialize for Slow {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            std::thread::sleep(Duration::from_millis(200));
            serializer.serialize_str("at last")
        }
    }
    serialized(1, &Slow, "whole");
    json!("at last")
}
