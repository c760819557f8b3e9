//! F50: every runtime a program may have, and every way to have spans delivered.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use prefactor::transport::{Request, Response, SendFuture, Transport};
use prefactor::{Client, Context as Place, ShutdownGuard, SpanFutureExt as _, span};
use prefactor_local::Server;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking, spawn_local};

use crate::child::init;
use crate::support::{Gate, Program, Stored, TIMEOUT};

/// Runs each way of delivery in one runtime.
type Run = fn(ShutdownGuard, Way);

const RUNTIMES: [(&str, Run); 11] = [
    ("none", none),
    ("current_thread", |guard, way| current_thread().block_on(agent(guard, way))),
    ("multi_thread", |guard, way| {
        multi_thread().block_on(async { tokio::spawn(agent(guard, way)).await.unwrap() });
    }),
    ("two_at_once", two_at_once),
    ("spawn_blocking", |guard, way| {
        multi_thread().block_on(async {
            spawn_blocking(move || current_thread().block_on(agent(guard, way))).await.unwrap();
        });
    }),
    ("block_in_place", |guard, way| {
        multi_thread().block_on(async {
            let task = async move { block_in_place(|| Handle::current().block_on(agent(guard, way))) };
            tokio::spawn(task).await.unwrap();
        });
    }),
    ("local_set", |guard, way| {
        current_thread()
            .block_on(LocalSet::new().run_until(async { spawn_local(agent(guard, way)).await.unwrap() }));
    }),
    ("smol", |guard, way| smol::block_on(smol::spawn(agent(guard, way)))),
    ("pollster", |guard, way| pollster::block_on(agent(guard, way))),
    ("rayon", rayon),
    ("rayon_in_tokio", |guard, way| multi_thread().block_on(async { rayon(guard, way) })),
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Flush,
    FlushAsync,
    Drop,
}

const WAYS: [(&str, Way); 3] = [("flush", Way::Flush), ("flush_async", Way::FlushAsync), ("drop", Way::Drop)];

/// One test for each runtime and way: a process that delivers forty spans in it.
pub(crate) fn tests() -> Vec<Trial> {
    let cells = RUNTIMES.iter().flat_map(|(runtime, _)| WAYS.map(|(way, _)| (*runtime, way)));
    let trial = |(runtime, way): (&str, &str)| {
        let scenario = format!("runtime:{runtime}:{way}");
        Trial::test(format!("f50_{runtime}_{way}"), move || {
            delivers(&scenario);
            Ok(())
        })
    };
    cells.map(trial).collect()
}

fn delivers(scenario: &str) {
    let ended = Program::start(scenario).end();
    let stored = ended.quietly(0).assert_numbered("exits:outer", 20).assert_numbered("exits:inner", 20);
    for inner in stored.of_kind("exits:inner") {
        let outer = stored.spans.iter().find(|span| Some(&span.id) == inner.parent_span_id.as_ref()).unwrap();
        assert_eq!((outer.schema_name.as_str(), &outer.payload), ("exits:outer", &inner.payload));
    }
}

pub(crate) fn program(cell: &str) -> ExitCode {
    let (runtime, way) = cell.split_once(':').unwrap();
    let (_, run) = RUNTIMES.iter().find(|(name, _)| *name == runtime).unwrap();
    let (_, way) = WAYS.iter().find(|(name, _)| *name == way).unwrap();
    run(init(), *way);
    ExitCode::SUCCESS
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[span("exits:outer")]
async fn outer(number: u64) {
    yield_once().await;
    inner(number).with_current_span().await;
}

#[span("exits:inner")]
async fn inner(number: u64) -> u64 {
    yield_once().await;
    number
}

#[span("exits:outer")]
fn outer_sync(number: u64) {
    inner_sync(number);
}

#[span("exits:inner")]
fn inner_sync(number: u64) -> u64 {
    number
}

/// In any executor, a future is driven to its end.
async fn yield_once() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if !std::mem::take(&mut is_first) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn agent(guard: ShutdownGuard, way: Way) {
    for number in 0..20 {
        outer(number).await;
    }
    deliver(guard, way).await;
}

async fn deliver(guard: ShutdownGuard, way: Way) {
    let report = match way {
        Way::Flush => guard.flush(TIMEOUT),
        Way::FlushAsync => guard.flush_async(TIMEOUT).await,
        Way::Drop => return drop(guard),
    };
    assert_eq!(
        (report.is_complete, report.stats.acknowledged, report.stats.created),
        (true, 40, 40),
        "{report}"
    );
    std::process::exit(0);
}

fn none(guard: ShutdownGuard, way: Way) {
    (0..20).for_each(outer_sync);
    block_on(deliver(guard, way));
}

fn two_at_once(guard: ShutdownGuard, way: Way) {
    std::thread::scope(|scope| {
        for runtime in 0..2 {
            scope.spawn(move || {
                multi_thread().block_on(async {
                    for number in runtime * 10..runtime * 10 + 10 {
                        outer(number).await;
                    }
                });
            });
        }
    });
    let (one, other) = (current_thread(), current_thread());
    let _entered = other.enter();
    one.block_on(deliver(guard, way));
}

fn rayon(guard: ShutdownGuard, way: Way) {
    rayon::scope(|scope| {
        for number in 0..20 {
            scope.spawn(move |_| outer_in_pool(number));
        }
    });
    rayon::spawn_fifo(|| ());
    rayon::join(|| block_on(deliver(guard, way)), || ());
}

/// The inner span is made by whatever thread of the pool is free.
#[span("exits:outer")]
fn outer_in_pool(number: u64) {
    let place = Place::current();
    rayon::join(|| place.in_scope(|| inner_sync(number)), || ());
}

/// No executor at all: a thread that waits.
fn block_on<F: Future>(future: F) -> F::Output {
    #[derive(Default)]
    struct Bell(Mutex<bool>, Condvar);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            *self.0.lock().unwrap() = true;
            self.1.notify_one();
        }
    }

    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut future = Box::pin(future);
    loop {
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(output) = polled {
            return output;
        }
        let mut rung = bell.1.wait_while(bell.0.lock().unwrap(), |rung| !*rung).unwrap();
        *rung = false;
    }
}

/// The way to the server leads through the runtime that the flush blocks.
pub(crate) fn f50_server_on_the_same_runtime() {
    let server = Server::start().unwrap();
    current_thread().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gate = Gate::closed(&server);
        gate.open();
        let target = gate.address();
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let mut there = TcpStream::connect(target).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut here, &mut there).await });
            }
        });
        let client = Client::builder().api_url(url).api_token(server.token()).build().unwrap();
        let instance = client.register("tester");
        instance.in_scope(|| (0..20).for_each(outer_sync));
        let timeout = Duration::from_millis(300);
        let begin = Instant::now();
        let report = client.flush(timeout);
        assert_eq!((report.is_complete, report.stats.outstanding), (false, 40), "{report}");
        assert!(begin.elapsed() >= timeout, "{:?}", begin.elapsed());
        assert!(client.flush_async(TIMEOUT).await.is_complete);
        assert!(client.shutdown_async(TIMEOUT).await.is_complete);
    });
    Stored::of(&server).assert_numbered("exits:inner", 20).assert_instance("complete");
}

/// A transport that asks its own client to flush, on the delivery thread.
#[derive(Clone, Default)]
struct Flushes(Arc<Mutex<Option<Client>>>);

impl Transport for Flushes {
    fn send(&self, request: Request) -> SendFuture<'_> {
        let client = self.0.lock().unwrap().take();
        if let Some(client) = client {
            let _ = client.flush(Duration::from_secs(3_600));
        }
        drop(request);
        let refusal = r#"{"status":"error","code":"validation_errors","message":"no"}"#;
        Box::pin(std::future::ready(Ok(Response::new(422, refusal))))
    }
}

pub(crate) fn f50_flush_on_the_worker() {
    let transport = Flushes::default();
    let client = Client::builder().transport(transport.clone()).build().unwrap();
    *transport.0.lock().unwrap() = Some(client.clone());
    client.register("tester").in_scope(|| outer_sync(0));
    assert!(client.flush(TIMEOUT).is_complete, "the worker has waited for itself");
    assert!(transport.0.lock().unwrap().is_none(), "it was asked");
}
