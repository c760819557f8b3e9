//! `trace(workflow_name)` of the OpenAI Agents SDK: an agent instance under another name.

use serde::Serialize;

use crate::client::handle::Client;
use crate::client::instance::AgentInstance;
use crate::manager::installed;
use crate::types::registration::Registration;

/// A workflow that is about to be traced. Made by [`trace`].
///
/// # Examples
///
/// ```
/// let run = prefactor::trace("triage").user_id("u-1").tag("beta").start();
/// # drop(run);
/// ```
#[derive(Clone, Debug)]
#[must_use = "call .start()"]
pub struct TraceBuilder {
    client: Option<Client>,
    registration: Option<Registration>,
    is_disabled: bool,
}

/// Prepares a trace of a workflow with the installed client: an [`AgentInstance`] of that client's agent.
///
/// # Examples
///
/// ```
/// use prefactor::{span, trace};
///
/// let run = trace("triage").group_id("chat-7").metadata(&serde_json::json!({ "plan": "gold" })).start();
/// run.in_scope(|| span("agent:answer").complete(&()));
/// ```
pub fn trace(workflow_name: impl Into<String>) -> TraceBuilder {
    let client = installed::client().map(Client::of);
    let registration =
        client.as_ref().map(|client| Registration::new(client.agent()).with_name(workflow_name));
    TraceBuilder { client, registration, is_disabled: false }
}

impl Client {
    /// As [`trace`], with this client.
    pub fn trace(&self, workflow_name: impl Into<String>) -> TraceBuilder {
        let registration = Registration::new(self.agent()).with_name(workflow_name);
        TraceBuilder { client: Some(self.clone()), registration: Some(registration), is_disabled: false }
    }
}

macro_rules! facts {
    ($($(#[$doc:meta])* $method:ident => $with:ident;)*) => {$(
        $(#[$doc])*
        pub fn $method(mut self, text: impl Into<String>) -> Self {
            self.registration = self.registration.map(|registration| registration.$with(text));
            self
        }
    )*};
}

impl TraceBuilder {
    facts! {
        /// Sets the group: traces with one group id belong together.
        group_id => with_group_id;
        /// Sets the session.
        session_id => with_session_id;
        /// Sets the user.
        user_id => with_user_id;
        /// Adds a tag.
        tag => with_tag;
    }

    /// Adds metadata: the members of an object.
    pub fn metadata<T: Serialize + ?Sized>(mut self, metadata: &T) -> Self {
        self.registration = self.registration.map(|registration| registration.with_metadata(metadata));
        self
    }

    /// Whether nothing is recorded in the trace. A disabled trace masks what is under it: its spans are no-ops, also where
    /// another trace is current.
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.is_disabled = disabled;
        self
    }

    /// Starts the trace. It ends with its last handle, or by [`AgentInstance::finish`].
    pub fn start(self) -> AgentInstance {
        let run = self.client.zip(self.registration).filter(|_| !self.is_disabled);
        let run = run.map(|(client, registration)| client.register(registration));
        let run = run.unwrap_or_else(|| AgentInstance::of(None));
        run.start();
        run
    }
}
