//! F51: the program's runtime ends while spans are open.

use std::sync::mpsc;

use prefactor::{AgentInstance, Client, span};
use prefactor_local::Server;
use tokio::runtime::Runtime;

use crate::support::{Stored, TIMEOUT};

#[span("exits:open", skip_all)]
async fn open(started: mpsc::Sender<()>) {
    started.send(()).unwrap();
    std::future::pending::<()>().await;
}

/// Leaves twenty spans open in a runtime, ends it, and returns what the server has then.
fn stored(end: impl FnOnce(Runtime)) -> Stored {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance: AgentInstance = client.register("tester");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (starting, started) = mpsc::channel();
    let (held, dropped) = mpsc::channel::<()>();
    for _ in 0..20 {
        let (held, future) = (held.clone(), instance.scope(open(starting.clone())));
        runtime.spawn(async move {
            let _dropped_after_the_span = held;
            future.await;
        });
    }
    drop(held);
    (0..20).for_each(|_| started.recv_timeout(TIMEOUT).unwrap());
    end(runtime);
    assert_eq!(dropped.recv_timeout(TIMEOUT), Err(mpsc::RecvTimeoutError::Disconnected));
    let report = client.flush(TIMEOUT);
    assert_eq!((report.is_complete, report.stats.acknowledged), (true, 20), "{report}");
    let stored = Stored::of(&server);
    let _ = client.shutdown(TIMEOUT);
    stored
}

fn assert_cancelled(stored: &Stored) {
    let spans = stored.of_kind("exits:open");
    assert_eq!(spans.len(), 20);
    assert!(spans.iter().all(|span| span.status == "cancelled" && span.finished_at.is_some()), "{spans:#?}");
}

pub(crate) fn f51_runtime_dropped() {
    assert_cancelled(&stored(drop));
}

pub(crate) fn f51_runtime_shut_down_in_the_background() {
    assert_cancelled(&stored(Runtime::shutdown_background));
}
