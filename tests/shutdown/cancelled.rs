//! F51a: a future that is dropped, at each of its await points.

use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use prefactor::{AgentInstance, Client, span};
use prefactor_local::Server;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{Stored, TIMEOUT};

/// Await points of the future; it never comes to its end.
const POINTS: usize = 5;

/// Waits at one point after another, and says at which it is.
#[span("exits:steps", skip(at, next))]
async fn steps(number: usize, at: UnboundedSender<usize>, mut next: UnboundedReceiver<()>) -> usize {
    for point in 1.. {
        at.send(point).unwrap();
        if next.recv().await.is_none() {
            break;
        }
    }
    number
}

/// A future that is dropped at its n-th await point.
struct Victim<F> {
    future: F,
    at: UnboundedReceiver<usize>,
    next: UnboundedSender<()>,
}

fn victim(instance: &AgentInstance, number: usize) -> Victim<impl Future<Output = usize> + use<>> {
    let ((here, at), (next, go_on)) = (unbounded_channel(), unbounded_channel());
    Victim { future: instance.scope(steps(number, here, go_on)), at, next }
}

impl<F> Victim<F> {
    /// Polls it up to its n-th await point.
    async fn lead_to(at: &mut UnboundedReceiver<usize>, next: &UnboundedSender<()>, point: usize) {
        while at.recv().await.unwrap() < point {
            next.send(()).unwrap();
        }
    }
}

/// Drops a future at each await point, in one way, and compares what the server has then.
fn assert_cancelled_once(give_up: impl Fn(&AgentInstance, usize)) {
    let server = Server::start().unwrap();
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
    let instance = client.register("tester");
    let moments: Vec<_> = (1..=POINTS)
        .map(|point| {
            let begin = SystemTime::now();
            give_up(&instance, point);
            (begin, SystemTime::now())
        })
        .collect();
    let report = client.shutdown(TIMEOUT);
    assert_eq!((report.is_complete, report.stats.acknowledged), (true, POINTS as u64), "{report}");
    let stored = Stored::of(&server);
    assert_eq!(stored.spans.len(), POINTS);
    for (index, (begin, end)) in moments.into_iter().enumerate() {
        let point = index + 1;
        let span = stored.spans.iter().find(|span| span.payload["number"] == point).unwrap();
        assert_eq!(span.status, "cancelled");
        let [started, finished] =
            [&span.started_at, &span.finished_at].map(|at| seconds(at.as_ref().unwrap()));
        let [begin, end] =
            [begin, end].map(|at| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64());
        // Nothing runs between the future's end and the second reading of the clock, so 5 ms are enough.
        assert!(begin - 0.005 <= started && started <= finished && finished <= end + 0.005, "{span:?}");
    }
}

/// Seconds since 1970 of a time as the server writes it.
fn seconds(text: &str) -> f64 {
    text.parse::<jiff::Timestamp>().unwrap().as_duration().as_secs_f64()
}

pub(crate) fn f51a_dropped() {
    assert_cancelled_once(|instance, point| {
        let mut victim = victim(instance, point);
        let mut context = Context::from_waker(Waker::noop());
        let mut future = Box::pin(victim.future);
        for reached in 1..=point {
            assert!(future.as_mut().poll(&mut context).is_pending());
            assert_eq!(victim.at.try_recv().unwrap(), reached);
            victim.next.send(()).unwrap();
        }
        drop(future);
    });
}

pub(crate) fn f51a_loser_of_select() {
    assert_cancelled_once(|instance, point| {
        let Victim { future, mut at, next } = victim(instance, point);
        pollster::block_on(async {
            tokio::select! {
                _ = future => unreachable!("it has no end"),
                () = Victim::<()>::lead_to(&mut at, &next, point) => {}
            }
        });
    });
}

pub(crate) fn f51a_timeout() {
    assert_cancelled_once(|instance, point| {
        let Victim { future, mut at, next } = victim(instance, point);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            // Paused time advances only when all tasks are idle, so the future has reached the point by then.
            let guided = async { tokio::join!(Victim::<()>::lead_to(&mut at, &next, point), future) };
            assert!(tokio::time::timeout(Duration::from_secs(1), guided).await.is_err());
        });
    });
}

pub(crate) fn f51a_aborted() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    assert_cancelled_once(|instance, point| {
        let Victim { future, mut at, next } = victim(instance, point);
        runtime.block_on(async {
            let task = tokio::spawn(future);
            Victim::<()>::lead_to(&mut at, &next, point).await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    });
}
