//! The real thread: what it does when it panics.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::model::Model;
use super::sim::{INSTANCE, finish, start};
use crate::config::settings::{Identity, QueueLimits};
use crate::delivery::fail_point::{FailPoints, Step};
use crate::delivery::queue::sender::Sender;
use crate::delivery::queue::shards::Reply;
use crate::delivery::worker::{Worker, WorkerConfig};
use crate::export::observer::Observer;
use crate::operation::{Account, InstanceRecord, Operation};
use crate::platform::clock::Timestamp;
use crate::redaction::Redaction;
#[cfg(feature = "spool")]
use crate::spool::writer::Writer;
use crate::transport::{Request, SendFuture, Transport};
use crate::types::agent::Agent;
use crate::types::stats::{Counters, DropReason, FlushReport};
use crate::types::status::{InstanceStatus, SpanStatus};

pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// The model as a transport.
#[derive(Default)]
pub(super) struct ToModel(Mutex<Model>);

impl Transport for ToModel {
    fn send(&self, request: Request) -> SendFuture<'_> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
        Box::pin(std::future::ready(answer))
    }
}

pub(super) struct Rig {
    pub(super) queue: Sender,
    pub(super) counters: Arc<Counters>,
    model: Arc<ToModel>,
    _worker: Worker,
}

impl Rig {
    fn failing_at(steps: impl IntoIterator<Item = Step>) -> Self {
        let (counters, model) = (Arc::new(Counters::default()), Arc::new(ToModel::default()));
        let config = config(&counters, Arc::<ToModel>::clone(&model));
        let (queue, worker) = Worker::start_with(config, FailPoints::at(steps)).unwrap();
        Self { queue, counters, model, _worker: worker }
    }

    #[cfg(feature = "spool")]
    pub(super) fn spooling(
        spool: Writer,
        transport: impl FnOnce(Arc<Counters>) -> Arc<dyn Transport>,
    ) -> Self {
        let counters = Arc::new(Counters::default());
        let config = config(&counters, transport(Arc::clone(&counters)));
        let (queue, worker) = Worker::start(WorkerConfig { spool: Some(spool), ..config }).unwrap();
        Self { queue, counters, model: Arc::default(), _worker: worker }
    }

    fn push(&self, operation: Operation) {
        self.queue.push(&[], || operation.map_payload(drop)).unwrap();
    }

    pub(super) fn spans(&self, count: u32) {
        let registration = Arc::new(InstanceRecord::new(INSTANCE, Agent::new("test")));
        self.push(Operation::Register(registration));
        self.push(Operation::StartInstance { instance: INSTANCE, at: Timestamp::now() });
        for number in 0..count {
            self.counters.created();
            self.push(Operation::StartSpan(start(INSTANCE, number, None)));
            self.push(Operation::FinishSpan(finish(INSTANCE, number, SpanStatus::Complete)));
        }
    }

    fn shutdown(&self, timeout: Duration) -> FlushReport {
        let (reply, report) = mpsc::channel();
        let reply: Reply = Box::new(move |report| drop(reply.send(report)));
        self.queue.shutdown(Instant::now() + timeout, InstanceStatus::Complete, reply);
        report
            .recv_timeout(TIMEOUT)
            .unwrap_or_else(|_| FlushReport { stats: self.counters.snapshot(), ..FlushReport::default() })
    }
}

fn config(counters: &Arc<Counters>, transport: Arc<dyn Transport>) -> WorkerConfig {
    WorkerConfig {
        limits: QueueLimits { operations: 10_000, bytes: 1 << 20 },
        identity: Identity::default(),
        account: Arc::new(Account::new(None)),
        counters: Arc::clone(counters),
        transport: Some(transport),
        drain_timeout: TIMEOUT,
        redaction: Redaction::default(),
        observer: Observer::default(),
        #[cfg(feature = "spool")]
        spool: None,
    }
}

#[test]
fn f53_a_panic_at_any_step_of_the_worker() {
    let steps = [Step::Received, Step::Answer, Step::Answered, Step::Act, Step::Acted];
    for step in steps {
        let rig = Rig::failing_at([step]);
        rig.spans(100);
        let report = rig.shutdown(TIMEOUT);
        assert!(report.is_complete, "{step:?}: {report}");
        assert_eq!((report.stats.acknowledged, report.stats.worker_restarts), (100, 1), "{step:?}: {report}");
        assert_eq!(rig.model.0.lock().unwrap().ended(), 100, "{step:?}: the ledger");
    }
}

#[test]
fn f53_the_operation_in_hand_is_counted() {
    let rig = Rig::failing_at([Step::Receive]);
    // The panic takes the registration, so no span has a run.
    rig.spans(100);
    let report = rig.shutdown(TIMEOUT);
    let stats = &report.stats;
    assert_eq!((stats.outstanding, stats.worker_restarts), (0, 1), "{report}");
    assert_eq!(stats.dropped(DropReason::WorkerLost), 100, "{report}");
}

#[test]
fn f53_five_panics_in_a_minute_open_the_circuit() {
    let rig = Rig::failing_at([Step::Received; 5]);
    rig.spans(10);
    let report = rig.shutdown(Duration::from_millis(100));
    let stats = &report.stats;
    assert_eq!((stats.worker_restarts, stats.outstanding), (5, 0), "{report}");
    assert_eq!(stats.dropped(DropReason::ShutdownDeadline), 10, "nothing is sent while it is open: {report}");
}
