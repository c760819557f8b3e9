//! Locks of `std` that are arguments, fields and results: tried, never waited for.

use std::fmt;
use std::rc::{self, Rc};
use std::sync::mpsc;
use std::sync::{self, Arc, Mutex, RwLock};
use std::time::Duration;

use prefactor::span;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::support::{Stored, Trace};

/// The shared state of an agent.
#[derive(Debug, Default, Serialize)]
struct Memory {
    notes: u8,
}

/// A type with `Debug` alone.
#[derive(Debug, Default)]
struct Notes;

/// A type with neither `Serialize` nor `Debug`.
#[derive(Default)]
struct Handle;

/// Runs the calls on a thread of its own, and fails when they do not return.
fn recorded(calls: impl FnOnce() + Send + 'static) -> Stored {
    let trace = Trace::new();
    let (context, (done, is_done)) = (trace.instance.context(), mpsc::channel::<()>());
    let thread = std::thread::spawn(move || {
        context.in_scope(calls);
        drop(done);
    });
    let waited = is_done.recv_timeout(Duration::from_secs(60));
    assert!(waited != Err(mpsc::RecvTimeoutError::Timeout), "a capture waits for a lock");
    thread.join().unwrap();
    trace.finish()
}

fn arguments(stored: &Stored, schema_name: &str) -> Value {
    stored.span(schema_name).payload.clone()
}

#[span("test:mutexes")]
fn mutexes(
    lent: &Mutex<Memory>,
    shared: Arc<Mutex<Memory>>,
    boxed: Box<Mutex<Memory>>,
    optional: Option<&Arc<Mutex<Memory>>>,
    shown: &Mutex<Notes>,
) {
    drop((lent, shared, boxed, optional, shown));
}

#[span("test:rw_locks")]
fn rw_locks(
    lent: &RwLock<Memory>,
    counted: Rc<RwLock<Memory>>,
    optional: Option<Box<RwLock<Memory>>>,
    shown: Arc<RwLock<Notes>>,
    dynamic: &RwLock<dyn fmt::Debug>,
) {
    drop((lent, counted, optional, shown, dynamic));
}

#[span("test:nested")]
fn nested(
    outer: &Mutex<Arc<RwLock<Memory>>>,
    weak: sync::Weak<Mutex<Memory>>,
    gone: rc::Weak<Mutex<Memory>>,
) {
    drop((outer, weak, gone));
}

#[span("test:unique")]
fn unique(unique: &mut Mutex<Memory>, absent: Option<Arc<Mutex<Memory>>>, handle: &Mutex<Handle>) {
    let _ = (unique, absent, handle);
}

#[span("test:field", skip_all, fields(memory = memory))]
fn field(memory: &Arc<Mutex<Memory>>) {
    let _ = memory;
}

#[test]
fn mutexes_that_the_caller_holds_are_recorded_as_locked() {
    let stored = recorded(|| {
        let [lent, boxed] = [(); 2].map(|()| Mutex::new(Memory::default()));
        let [shared, optional] = [(); 2].map(|()| Arc::new(Mutex::new(Memory::default())));
        let shown = Mutex::new(Notes);
        let held =
            (lent.lock().unwrap(), shared.lock().unwrap(), optional.lock().unwrap(), shown.lock().unwrap());
        mutexes(&lent, Arc::clone(&shared), Box::new(boxed), Some(&optional), &shown);
        field(&shared);
        drop(held);
    });
    let expected = json!({
        "lent": "<locked>",
        "shared": "<locked>",
        "boxed": { "notes": 0 },
        "optional": "<locked>",
        "shown": "<locked>",
    });
    assert_eq!(arguments(&stored, "test:mutexes"), expected);
    assert_eq!(arguments(&stored, "test:field"), json!({ "memory": "<locked>" }));
}

#[test]
fn locks_that_are_free_show_their_values() {
    let stored = recorded(|| {
        let memory = || Mutex::new(Memory { notes: 7 });
        mutexes(
            &memory(),
            Arc::new(memory()),
            Box::new(memory()),
            Some(&Arc::new(memory())),
            &Mutex::new(Notes),
        );
        unique(&mut memory(), None, &Mutex::new(Handle));
        field(&Arc::new(memory()));
    });
    let memory = json!({ "notes": 7 });
    let expected =
        json!({ "lent": memory, "shared": memory, "boxed": memory, "optional": memory, "shown": "Notes" });
    assert_eq!(arguments(&stored, "test:mutexes"), expected);
    assert_eq!(arguments(&stored, "test:unique"), json!({ "unique": memory, "absent": null }));
    assert_eq!(arguments(&stored, "test:field"), json!({ "memory": memory }));
}

#[test]
fn rw_locks_that_are_written_are_recorded_as_locked_and_read_ones_are_not() {
    let stored = recorded(|| {
        let [lent, boxed] = [(); 2].map(|()| RwLock::new(Memory { notes: 7 }));
        let counted = Rc::new(RwLock::new(Memory { notes: 7 }));
        let shown = Arc::new(RwLock::new(Notes));
        let dynamic = RwLock::new(Notes);
        let written = (lent.write().unwrap(), shown.write().unwrap());
        let read = (counted.read().unwrap(), dynamic.read().unwrap());
        rw_locks(&lent, Rc::clone(&counted), Some(Box::new(boxed)), Arc::clone(&shown), &dynamic);
        drop((written, read));
    });
    let memory = json!({ "notes": 7 });
    let expected = json!({
        "lent": "<locked>",
        "counted": memory,
        "optional": memory,
        "shown": "<locked>",
        "dynamic": "Notes",
    });
    assert_eq!(arguments(&stored, "test:rw_locks"), expected);
}

#[test]
fn lock_behind_a_free_lock_is_tried_as_well() {
    let stored = recorded(|| {
        let inner = Arc::new(RwLock::new(Memory::default()));
        let (outer, shared) = (Mutex::new(Arc::clone(&inner)), Arc::new(Mutex::new(Memory { notes: 7 })));
        let held = inner.write().unwrap();
        nested(&outer, Arc::downgrade(&shared), rc::Weak::new());
        drop(held);
    });
    let expected = json!({ "outer": "<locked>", "weak": { "notes": 7 }, "gone": null });
    assert_eq!(arguments(&stored, "test:nested"), expected);
}

#[test]
fn lock_that_another_thread_holds_is_not_waited_for() {
    let stored = recorded(|| {
        let shared = Arc::new(Mutex::new(Memory::default()));
        let ((locked, is_locked), (release, is_released)) = (mpsc::channel(), mpsc::channel::<()>());
        let holder = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let _held = shared.lock().unwrap();
                locked.send(()).unwrap();
                let _ = is_released.recv();
            }
        });
        is_locked.recv().unwrap();
        field(&shared);
        drop(release);
        holder.join().unwrap();
    });
    assert_eq!(arguments(&stored, "test:field"), json!({ "memory": "<locked>" }));
}

#[test]
fn poisoned_lock_counts_as_held() {
    let stored = recorded(|| {
        let shared = Arc::new(Mutex::new(Memory::default()));
        let poison = Arc::clone(&shared);
        let _ = std::thread::spawn(move || {
            let _held = poison.lock().unwrap();
            panic!("on purpose");
        })
        .join();
        field(&shared);
        assert!(shared.is_poisoned(), "it stays as it was");
    });
    assert_eq!(arguments(&stored, "test:field"), json!({ "memory": "<locked>" }));
}

struct Panicking;

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("on purpose");
    }
}

#[span("test:panicking")]
fn panicking(value: &Mutex<Panicking>) -> Arc<Mutex<Panicking>> {
    let _ = value;
    Arc::new(Mutex::new(Panicking))
}

#[test]
fn value_that_panics_while_it_is_captured_does_not_poison_its_lock() {
    let stored = recorded(|| {
        let argument = Mutex::new(Panicking);
        let result = panicking(&argument);
        assert!(!argument.is_poisoned() && !result.is_poisoned());
    });
    let span = stored.span("test:panicking");
    assert_eq!((span.status.as_str(), &span.payload["value"]), ("complete", &json!("<capture panicked>")));
    assert_eq!(span.result(), &json!({ "result": "<capture panicked>" }));
}

#[span("test:returned", skip_all)]
fn returned(memory: &Arc<Mutex<Memory>>) -> Arc<Mutex<Memory>> {
    Arc::clone(memory)
}

#[span("test:lent", skip_all)]
fn lent(memory: &RwLock<Notes>) -> Option<&RwLock<Notes>> {
    Some(memory)
}

#[span("test:ok", skip_all)]
async fn ok(memory: &Arc<Mutex<Memory>>) -> Result<Arc<Mutex<Memory>>, fmt::Error> {
    Ok(Arc::clone(memory))
}

#[span("test:err", skip_all)]
fn err(memory: &Arc<Mutex<Memory>>) -> Result<Arc<Mutex<Memory>>, String> {
    let _ = memory;
    Err("no notes".into())
}

#[span("test:boxed", skip_all)]
fn boxed<'a>(memory: &'a Mutex<Memory>) -> futures_util::future::BoxFuture<'a, &'a Mutex<Memory>> {
    Box::pin(async move { memory })
}

#[span("test:asked", skip_all, ret)]
fn asked(memory: &Mutex<Memory>) -> &Mutex<Memory> {
    memory
}

#[span("test:nested_result", skip_all)]
fn nested_result(memory: &Arc<Mutex<Memory>>) -> Mutex<Arc<Mutex<Memory>>> {
    Mutex::new(Arc::clone(memory))
}

/// Calls each of the functions that return the locks.
fn return_all(memory: &Arc<Mutex<Memory>>, notes: &RwLock<Notes>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _ = (returned(memory), lent(notes), err(memory), asked(memory), nested_result(memory));
    runtime.block_on(async {
        drop(ok(memory).await);
        let _ = boxed(memory).await;
    });
}

const RETURNED: [&str; 6] =
    ["test:returned", "test:lent", "test:ok", "test:boxed", "test:asked", "test:nested_result"];

#[test]
fn returned_locks_that_are_held_are_recorded_as_locked() {
    let stored = recorded(|| {
        let (memory, notes) = (Arc::new(Mutex::new(Memory::default())), RwLock::new(Notes));
        let held = (memory.lock().unwrap(), notes.write().unwrap());
        return_all(&memory, &notes);
        drop(held);
    });
    for name in RETURNED {
        assert_eq!(stored.span(name).result(), &json!({ "result": "<locked>" }), "{name}");
    }
    assert_eq!(stored.span("test:err").status, "failed");
    assert_eq!(stored.span("test:err").result()["message"], "no notes");
}

#[test]
fn returned_locks_that_are_free_show_their_values() {
    let stored = recorded(|| return_all(&Arc::new(Mutex::new(Memory { notes: 7 })), &RwLock::new(Notes)));
    for name in RETURNED {
        let expected = if name == "test:lent" { json!({ "result": "Notes" }) } else { json!({ "notes": 7 }) };
        assert_eq!(stored.span(name).result(), &expected, "{name}");
    }
}

/// For locks within other types nothing is attempted: the advice that users read first says so, and so do the limits.
#[test]
fn advice_names_locks_within_other_types_with_the_cures() {
    let part = |text: &'static str, from: &str, to: &str| {
        text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_else(|| panic!("no {from}"))
    };
    let readme = part(include_str!("../../README.md"), "**What to skip:**", "\n\n");
    let limits = part(include_str!("../../prefactor-macros/src/lib.rs"), "* **Locks.**", "* **");
    let guide = include_str!("../../src/guide/annotating.md");
    for (name, text) in [("README", readme), ("Limits", limits), ("the guide", guide)] {
        for word in ["serde", "`parking_lot`", "`DashMap`", "skip", "with"] {
            let is_said = text.contains(word) || word == "serde" && text.contains("`Serialize` locks");
            assert!(is_said, "{name} does not name {word}: {text}");
        }
    }
}
