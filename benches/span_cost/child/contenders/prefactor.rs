//! `#[prefactor::span]` as it is without options, into a transport that accepts every request at once.

use std::pin::Pin;
use std::time::Duration;

use ::prefactor::transport::{Answer, Request, Transport};
use ::prefactor::{Client, Guard};

use super::Backend;
use crate::work::{Completion, Error, levels};

levels!(
    #[::prefactor::span("agent:llm_call")]
    (model, prompt, temperature)
);

/// Within which everything must have arrived.
const PATIENCE: Duration = Duration::from_secs(60);

/// Room for eight threads.
const QUEUE: (usize, usize) = (100_000, 1 << 30);

struct Installed(Guard);

pub(super) fn backend() -> Box<dyn Backend> {
    let guard = Client::builder().transport(Accepting).queue_limits(QUEUE.0, QUEUE.1).install();
    Box::new(Installed(guard.expect("nobody has installed a client")))
}

impl Backend for Installed {
    fn settle(&self) {
        let report = self.0.client().flush(PATIENCE);
        assert!(report.finished, "{report}");
    }

    fn arrived(&self) -> Option<u64> {
        let stats = self.0.client().stats();
        assert_eq!(stats.dropped_total(), 0, "{stats}");
        Some(stats.acknowledged)
    }
}

/// An API that is done with a request as soon as it has it.
struct Accepting;

impl Transport for Accepting {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        let body: &[u8] = br#"{"status":"success","details":{"id":"013xrzp12g3nqk8n0000000000000000"}}"#;
        std::hint::black_box(request.body);
        Box::pin(std::future::ready(Answer::response(200, body)))
    }
}
