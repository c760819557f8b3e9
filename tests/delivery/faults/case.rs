//! A client, a server with an oracle, an optional proxy, and the invariants.

use std::time::{Duration, Instant};

use prefactor::{AgentInstance, Client, ClientBuilder, FlushReport, InstanceStatus, Stats};
use prefactor_local::Server;
use prefactor_local::oracle::{Item, Kind, Ledger, Oracle, Tally};
pub(crate) use prefactor_tests::invariants::assert_invariants;
use prefactor_tests::proxy::Proxy;
use serde_json::{Value, json};

/// The time limit of waits that end by themselves, on the slowest of machines.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
/// The timeout of requests that must be ended by something else.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);

pub(crate) struct Case {
    pub(crate) oracle: Oracle,
    pub(crate) server: Server,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) client: Client,
    pub(crate) instance: AgentInstance,
}

/// The end of a case.
pub(crate) struct Outcome {
    pub(crate) stats: Stats,
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    /// The server, which is still running.
    pub(crate) server: Server,
}

impl Case {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        Self::start(false, set_up)
    }

    /// Makes a client that knows the proxy only.
    pub(crate) fn behind_proxy(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        Self::start(true, set_up)
    }

    fn start(has_proxy: bool, set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        let proxy = has_proxy.then(|| Proxy::new(server.address()));
        let url = proxy.as_ref().map_or_else(|| server.url().to_owned(), Proxy::url);
        let client = set_up(Client::builder().api_url(url).api_token(server.token())).build().unwrap();
        let instance = client.register("tester");
        Self { oracle, server, proxy, client, instance }
    }

    pub(crate) fn proxy(&mut self) -> &mut Proxy {
        self.proxy.as_mut().unwrap()
    }

    /// Makes `count` spans, every other one a child of the one before it.
    pub(crate) fn spans(&self, count: usize) {
        for number in (0..count).step_by(2) {
            let parent = self.instance.span("test:parent");
            parent.start(&json!({ "number": number }));
            if number + 1 < count {
                parent.in_scope(|| {
                    self.instance
                        .span("test:child")
                        .with_default_payload(&json!({ "number": number + 1 }))
                        .complete(&json!({ "done": true }));
                });
            }
            parent.complete(&json!({ "done": true }));
        }
    }

    /// Makes a span whose create the server has accepted, and whose finish is still to come.
    pub(crate) fn open_span(&self, name: &'static str) -> prefactor::Span {
        let span = self.instance.span(name);
        span.start(&json!({}));
        self.flush();
        span
    }

    pub(crate) fn flush(&self) {
        let report = self.client.flush(TIMEOUT);
        assert!(report.is_complete, "{report}");
    }

    /// Waits until the client has sent `count` requests again.
    pub(crate) fn wait_for_retries(&self, count: u64) {
        wait_for(|| self.client.stats().retries >= count);
    }

    /// Ends the instance, shuts the client down, and checks the invariants.
    pub(crate) fn end(self) -> Outcome {
        self.instance.finish(InstanceStatus::Complete);
        let report = self.client.shutdown(TIMEOUT);
        assert!(report.is_complete, "{report}");
        self.settle(report)
    }

    /// Checks the invariants after a shutdown.
    pub(crate) fn settle(self, report: FlushReport) -> Outcome {
        let (stats, ledger) = (report.stats, self.oracle.ledger());
        assert_eq!(stats.outstanding, 0, "{stats}");
        let tally = assert_invariants(&stats, &ledger);
        Outcome { stats, ledger, tally, server: self.server }
    }
}

impl Outcome {
    /// Checks that acknowledged and created spans are equally many.
    pub(crate) fn assert_all_delivered(&self, count: usize) {
        let Stats { created, acknowledged, .. } = self.stats;
        assert_eq!((created, acknowledged), (count as u64, count as u64), "{}", self.stats);
        assert_eq!(self.tally.finished, count);
    }
}

pub(crate) fn wait_for(mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < TIMEOUT, "waited in vain");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether an action concerns the span that `Span::id` names.
pub(crate) fn is_about(item: &Item, kind: Kind, span: &str) -> bool {
    item.kind == kind && item.id.as_deref() == Some(span)
}

/// The id of a span as the server knows it.
pub(crate) fn id(span: &prefactor::Span) -> String {
    span.id().unwrap().to_string()
}

/// Sends a request of the test's own, past the proxy.
pub(crate) fn post(server: &Server, path: &str, body: &Value) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent
        .post(format!("{}/api/v1/{path}", server.url()))
        .header("authorization", format!("Bearer {}", server.token()))
        .header("content-type", "application/json");
    request.send(body.to_string()).unwrap().status().as_u16()
}
