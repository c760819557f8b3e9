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
    ///
    /// # Examples
    ///
    /// ```
    /// # let client = prefactor::testing::Recorder::new().client().clone();
    /// let run = client.trace("triage").session_id("chat-7").start();
    /// # drop(run);
    /// ```
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

    /// Disables recording in the trace. The spans of a disabled trace are no-ops, also where another trace is
    /// current around it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{span, trace};
    ///
    /// let run = trace("health check").disabled(true).start();
    /// run.in_scope(|| assert!(span("agent:step").is_noop()));
    /// ```
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.is_disabled = disabled;
        self
    }

    /// Starts the trace. It ends with its last handle, or by [`AgentInstance::finish`].
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::InstanceStatus;
    ///
    /// let run = prefactor::trace("triage").start();
    /// run.span("agent:answer").complete(&());
    /// run.finish(InstanceStatus::Complete);
    /// ```
    pub fn start(self) -> AgentInstance {
        let run = self.client.zip(self.registration).filter(|_| !self.is_disabled);
        let run = run.map(|(client, registration)| client.register(registration));
        let run = run.unwrap_or_else(|| AgentInstance::of(None));
        run.start();
        run
    }
}
