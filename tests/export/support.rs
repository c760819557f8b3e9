//! A client that reports to one receiver.

use std::ops::Range;
use std::time::Duration;

use prefactor::export::{Batching, OpenAi, otlp};
use prefactor::{Client, ClientBuilder, Stats};
use prefactor_tests::receiver::Receiver;
use serde_json::json;

pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// The exporters that speak HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Otlp,
    OpenAi,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Otlp, Kind::OpenAi];

impl Kind {
    pub(crate) fn add(self, builder: ClientBuilder, receiver: &Receiver) -> ClientBuilder {
        let url = |path: &str| format!("{}{path}", receiver.url());
        match self {
            Self::Otlp => {
                let batching = Batching::default().delay(Duration::from_millis(1)).max_in_flight(1);
                builder.otlp(otlp::collector().endpoint(url("/v1/traces")).batching(batching))
            }
            Self::OpenAi => {
                builder.openai(OpenAi::new().api_key("sk-canary").endpoint(url("/v1/traces/ingest")))
            }
        }
    }

    pub(crate) fn client(self, receiver: &Receiver) -> Client {
        self.add(Client::builder(), receiver).build().unwrap()
    }
}

/// Records so many spans in one run.
pub(crate) fn record(client: &Client, numbers: Range<u64>) {
    let run = client.register("tester");
    for number in numbers {
        let span = run.span("test:step");
        span.start(&json!({ "number": number }));
        span.complete(&json!({ "answer": number }));
    }
}

/// The counts of the only exporter, whose account closes.
pub(crate) fn stats(client: &Client) -> Stats {
    let stats = client.processor_stats().remove(0).1;
    let settled = stats.acknowledged + stats.dropped_total() + stats.unknown + stats.outstanding;
    assert_eq!(stats.created, settled, "{stats:?}");
    stats
}
