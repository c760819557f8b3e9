//! A client, a real server, and what that server has stored.

mod recorder;

use std::time::Duration;

use prefactor::{AgentInstance, Client, FlushReport, InstanceStatus};
use prefactor_local::Server;
use serde::Deserialize;
use serde_json::Value;

use prefactor_tests::stored::{StoredSpan, get, list};

pub(crate) use recorder::Recorder;

pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// One agent instance on a server of its own.
pub(crate) struct Trace {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) instance: AgentInstance,
}

impl Trace {
    pub(crate) fn new() -> Self {
        let server = Server::start().unwrap();
        let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
        let instance = client.register("tester");
        Self { server, client, instance }
    }

    /// Runs a closure in the instance and returns what the server has stored afterwards.
    pub(crate) fn of(body: impl FnOnce()) -> Stored {
        let trace = Self::new();
        trace.instance.in_scope(body);
        trace.finish()
    }

    /// Runs a future in the instance, on a multi-threaded runtime, and returns what the server has stored.
    pub(crate) fn of_async<F: Future>(body: F) -> Stored {
        let trace = Self::new();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(trace.instance.scope(body));
        drop(runtime);
        trace.finish()
    }

    /// Delivers everything, and ends nothing.
    pub(crate) fn flushed(&self) -> Stored {
        assert!(self.client.flush(TIMEOUT).is_complete);
        self.stored()
    }

    /// Ends the instance, shuts the client down, and checks that nothing was lost.
    pub(crate) fn finish(self) -> Stored {
        self.instance.finish(InstanceStatus::Complete);
        let report: FlushReport = self.client.shutdown(TIMEOUT);
        assert!(report.is_complete, "{report}");
        assert_eq!(report.stats.acknowledged, report.stats.created, "{report}");
        self.stored()
    }

    fn stored(&self) -> Stored {
        self.stored_of(&self.instance)
    }

    pub(crate) fn stored_of(&self, instance: &AgentInstance) -> Stored {
        let id = instance.id().unwrap();
        let instance = get::<Details>(&self.server, &format!("/api/v1/agent_instance/{id}")).details;
        let spans = list(&self.server, &format!("agent_spans?agent_instance_id={id}"));
        Stored { instance, spans }
    }
}

/// The stored data of one instance.
pub(crate) struct Stored {
    pub(crate) instance: Value,
    pub(crate) spans: Vec<StoredSpan>,
}

impl Stored {
    /// The one span of that name.
    pub(crate) fn span(&self, schema_name: &str) -> &StoredSpan {
        let mut spans = self.spans.iter().filter(|span| span.schema_name == schema_name);
        let span = spans.next().unwrap_or_else(|| panic!("no span {schema_name} in {:#?}", self.spans));
        assert!(spans.next().is_none(), "more than one span {schema_name}");
        span
    }

    pub(crate) fn parent_of(&self, schema_name: &str) -> Option<&str> {
        let parent = self.span(schema_name).parent_span_id.as_ref()?;
        self.spans.iter().find(|span| span.id == *parent).map(|span| span.schema_name.as_str())
    }

    /// Checks that every finished span lies within its parent, and starts before it ends.
    pub(crate) fn assert_times_nest(&self) {
        for span in &self.spans {
            let (started, finished) = (span.started_at.as_ref().unwrap(), span.finished_at.as_ref().unwrap());
            assert!(started <= finished, "{span:?}");
            if let Some(parent) =
                self.spans.iter().find(|other| Some(&other.id) == span.parent_span_id.as_ref())
            {
                assert!(parent.started_at.as_ref().unwrap() <= started, "{span:?} in {parent:?}");
            }
        }
    }
}

#[derive(Deserialize)]
struct Details {
    details: Value,
}

/// Posts a body as it is and returns the status.
pub(crate) fn post(server: &Server, path: &str, body: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent
        .post(format!("{}{path}", server.url()))
        .header("authorization", format!("Bearer {}", server.token()))
        .header("content-type", "application/json");
    let mut response = request.send(body).unwrap();
    (response.status().as_u16(), response.body_mut().read_json().unwrap())
}
