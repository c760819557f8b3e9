//! F57: the parents of spans, across tasks and threads.

use std::collections::HashMap;
use std::pin::Pin;

use prefactor::{Context, SpanFutureExt as _, span};
use prefactor_local::oracle::{Kind, Ledger};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::installed::Installed;

const TASKS: usize = 1_000;
const DEPTH: usize = 5;

/// Makes one level of a task: its span, which names its expected parent, and the next level somewhere else.
fn level(task: usize, depth: usize, carries: bool) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let parent = depth.checked_sub(1).map(|above| name(task, above));
        let span = span("test:level");
        span.start(&json!({ "name": name(task, depth), "parent": parent }));
        span.scope(next(task, depth + 1, carries)).await;
        span.complete(&());
    })
}

/// Makes the remaining levels without a runtime, in a pool whose threads take each other's work.
fn level_in_pool(task: usize, depth: usize, carries: bool) {
    if depth == DEPTH {
        return;
    }
    let span = span("test:level");
    let parent = depth.checked_sub(1).map(|above| name(task, above));
    span.start(&json!({ "name": name(task, depth), "parent": parent, "in_pool": true }));
    span.in_scope(|| {
        let context = Context::current();
        let below = || level_in_pool(task, depth + 1, carries);
        rayon::join(|| if carries { context.in_scope(below) } else { below() }, || ());
    });
    span.complete(&());
}

/// Chooses the place of a level: the task, another one, a thread of the runtime, a new one, or a pool; neither random
/// nor regular.
async fn next(task: usize, depth: usize, carries: bool) {
    if depth == DEPTH {
        return;
    }
    let below = level(task, depth, carries);
    let (handle, context) = (Handle::current(), Context::current());
    let elsewhere = move |below| {
        let work = move || handle.block_on(below);
        if carries { context.in_scope(work) } else { work() }
    };
    match (task.wrapping_mul(2_654_435_761) >> (3 * depth)) % 5 {
        0 => below.await,
        1 if carries => tokio::spawn(below.with_current_span()).await.unwrap(),
        1 => tokio::spawn(below).await.unwrap(),
        2 => tokio::task::spawn_blocking(|| elsewhere(below)).await.unwrap(),
        3 => {
            let (done, is_done) = tokio::sync::oneshot::channel();
            let context = Context::current();
            rayon::spawn(move || {
                let below = || level_in_pool(task, depth, carries);
                if carries {
                    context.in_scope(below);
                } else {
                    below();
                }
                let _ = done.send(());
            });
            is_done.await.unwrap();
        }
        _ => {
            let (done, is_done) = tokio::sync::oneshot::channel();
            std::thread::spawn(|| {
                elsewhere(below);
                done.send(())
            });
            is_done.await.unwrap();
        }
    }
}

fn name(task: usize, depth: usize) -> String {
    format!("{task}/{depth}")
}

struct Family {
    name: String,
    /// The expected parent.
    wanted: Option<String>,
    found: Option<String>,
    /// Whether both the span and its parent were made on threads of the pool.
    within_pool: bool,
}

/// The contents of a create: the span's name, its expected parent, whether it was made in the pool, and the id of its
/// parent.
struct Create {
    name: String,
    wanted: Option<String>,
    in_pool: bool,
    parent: Option<String>,
}

fn run(carries: bool) -> Vec<Family> {
    let process = Installed::new();
    let guard = process
        .builder()
        .max_queue_operations(3 * TASKS * DEPTH)
        .max_queue_bytes(32 << 20)
        .install()
        .unwrap();
    let client = guard.client().clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(level(task, 0, carries))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(client.shutdown(crate::case::TIMEOUT).is_complete);
    process.assert_all_delivered(&client, TASKS * DEPTH);
    families(&process.oracle.ledger())
}

/// Returns the creates that the server got, each once.
fn families(ledger: &Ledger) -> Vec<Family> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let creates: HashMap<_, _> = ledger
        .items()
        .filter(|item| item.kind == Kind::CreateSpan)
        .map(|item| {
            let payload: Value = serde_json::from_str(&item.field("payload").unwrap()).unwrap();
            let create = Create {
                name: text(&payload["name"]).unwrap(),
                wanted: text(&payload["parent"]),
                in_pool: payload["in_pool"] == true,
                parent: item.parent.clone(),
            };
            (item.id.clone().unwrap(), create)
        })
        .collect();
    let of = |create: &Create| {
        let parent = create.parent.as_ref().map(|id| &creates[id]);
        Family {
            name: create.name.clone(),
            wanted: create.wanted.clone(),
            found: parent.map(|parent| parent.name.clone()),
            within_pool: create.in_pool && parent.is_some_and(|parent| parent.in_pool),
        }
    };
    creates.values().map(of).collect()
}

#[test]
fn f57_every_parent_is_right_where_the_context_is_carried_along() {
    let families = run(true);
    assert_eq!(families.len(), TASKS * DEPTH);
    for Family { name, wanted, found, .. } in families {
        assert_eq!(found, wanted, "{name}");
    }
}

/// A thread of the pool that waits in `join` runs another task inside the waiting call. That task's calls are children
/// of the waiting call, as a stack trace would show.
#[test]
fn f57_no_parent_is_wrong_where_it_is_not() {
    let families = run(false);
    assert_eq!(families.len(), TASKS * DEPTH);
    let roots = families.iter().filter(|family| family.found.is_none()).count();
    assert!(roots > 2 * TASKS, "most levels lost their context: {roots} roots");
    for Family { name, wanted, found, within_pool } in families {
        let is_right = found.is_none() || found == wanted || within_pool;
        assert!(is_right, "{name} is not a child of {found:?}");
    }
}
