//! The details that a run is registered with.

use std::sync::Arc;

use serde::Serialize;

#[cfg(feature = "enabled")]
use crate::payload::{Payload, SideLimits};
use crate::types::agent::Agent;
#[cfg(feature = "enabled")]
use crate::types::name;
use crate::types::pfid::Pfid;
use crate::types::remote_context::RemoteContext;

/// The purpose of a run, as the platform tells runs apart.
///
/// # Examples
///
/// ```
/// use prefactor::{Purpose, Registration};
///
/// let run = Registration::new("researcher").with_purpose(Purpose::Eval);
/// # drop(run);
/// assert_eq!(Purpose::SmokeTest.as_str(), "smoke_test");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Real work: the platform's default.
    Live,
    /// A check that the program works at all.
    SmokeTest,
    /// A run that is made to be judged.
    Eval,
}

impl Purpose {
    /// The API's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::SmokeTest => "smoke_test",
            Self::Eval => "eval",
        }
    }
}

/// One run of an agent, as it is registered: the agent, and the facts of this run alone.
///
/// [`Client::register`](crate::Client::register) takes one, or the agent or its name alone. Session, user, group, tags and
/// metadata are kept with the run's record for processors, and sent in the payload of its top spans; `docs/fields.md` says
/// under which names.
///
/// # Examples
///
/// ```no_run
/// use prefactor::{Agent, Purpose, Registration};
///
/// # fn serve(client: &prefactor::Client) {
/// let run = client.register(
///     Registration::new(Agent::new("researcher").with_version("2.1.0"))
///         .with_session_id("chat-7")
///         .with_user_id("u-1")
///         .with_tag("beta")
///         .with_metadata(&serde_json::json!({ "plan": "gold" }))
///         .with_purpose(Purpose::Eval),
/// );
/// # drop(run);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is registered"]
pub struct Registration {
    pub(crate) agent: Agent,
    pub(crate) id: Option<Pfid>,
    pub(crate) external_identifier: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) environment_id: Option<String>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) name: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) tags: Vec<String>,
    #[cfg(feature = "enabled")]
    pub(crate) metadata: Payload,
    pub(crate) is_terminable: Option<bool>,
    pub(crate) updates_current_version: bool,
    /// The caller in another process whose run this is: it is registered, started and finished there.
    #[cfg_attr(not(feature = "enabled"), expect(dead_code, reason = "nothing is registered"))]
    pub(crate) joined: Option<Arc<RemoteContext>>,
    /// Set for the run of another process that is asked for by name: it is registered, started and finished there.
    #[cfg(feature = "enabled")]
    pub(crate) attached: Option<Attached>,
}

/// How the API is asked for a run that another process has registered.
#[cfg(feature = "enabled")]
#[derive(Clone, Debug)]
pub(crate) enum Attached {
    Id(String),
    ExternalIdentifier(String),
}

macro_rules! texts {
    ($($(#[$doc:meta])* $method:ident => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $method(mut self, text: impl Into<String>) -> Self {
            self.$field = Some(text.into());
            self
        }
    )*};
}

impl Registration {
    /// Cleans the names and identifiers that the platform is told, and says whether any had to be.
    #[cfg(feature = "enabled")]
    pub(crate) fn clean_names(&mut self) -> bool {
        let mut is_changed = self.agent.clean_names();
        let names = [
            &mut self.external_identifier,
            &mut self.agent_id,
            &mut self.environment_id,
            &mut self.name,
            &mut self.group_id,
            &mut self.session_id,
            &mut self.user_id,
        ];
        for text in names.into_iter().flatten().chain(&mut self.tags) {
            if let Some(cleaned) = name::cleaned(text, name::MAX_NAME) {
                *text = cleaned;
                is_changed = true;
            }
        }
        is_changed
    }

    /// A run of that agent, with nothing else said of it.
    pub fn new(agent: impl Into<Agent>) -> Self {
        Self {
            agent: agent.into(),
            id: None,
            external_identifier: None,
            agent_id: None,
            environment_id: None,
            purpose: None,
            name: None,
            group_id: None,
            session_id: None,
            user_id: None,
            tags: Vec::new(),
            #[cfg(feature = "enabled")]
            metadata: Payload::default(),
            is_terminable: None,
            updates_current_version: true,
            joined: None,
            #[cfg(feature = "enabled")]
            attached: None,
        }
    }

    texts! {
        /// Sets the identifier by which the run can be found in the API. It must be unique for the agent. Default: the run's
        /// [trace id](crate::AgentInstance::trace_id).
        with_external_identifier => external_identifier;
        /// Sets the agent's id for this run, in place of the client's. Needed with an account-wide token.
        with_agent_id => agent_id;
        /// Sets the environment's id for this run, in place of the client's. Needed with an account-wide token.
        with_environment_id => environment_id;
        /// Sets the name of the workflow, as in `trace(workflow_name)`.
        with_name => name;
        /// Sets the group: runs with one group id belong together, such as the turns of one conversation.
        with_group_id => group_id;
        /// Sets the session to which the run belongs.
        with_session_id => session_id;
        /// Sets the user for whom the run is made.
        with_user_id => user_id;
    }

    /// Sets the id that the API is to give the run. It must be in the account's partition.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Registration;
    ///
    /// # async fn register(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
    /// let id = api.generate_ids(1).await?[0];
    /// api.instances().register(Registration::new("researcher").with_id(id)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn with_id(mut self, id: Pfid) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the purpose of the run. Default: the platform's, [`Purpose::Live`].
    pub const fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Adds a tag.
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Adds metadata: the members of an object. Later ones replace earlier ones of the same name.
    pub fn with_metadata<T: Serialize + ?Sized>(self, metadata: &T) -> Self {
        #[cfg(feature = "enabled")]
        let mut this = self;
        #[cfg(not(feature = "enabled"))]
        let (this, _) = (self, metadata);
        #[cfg(feature = "enabled")]
        this.metadata.merge(Payload::of(SideLimits::default(), metadata));
        this
    }

    /// Whether the platform may end the run. Default: `true`, or the value of `PREFACTOR_TERMINATION`. If `false`, the signal is
    /// not looked for, and [`AgentInstance::run`](crate::AgentInstance::run) runs the agent to its end.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::Registration;
    ///
    /// let run = Registration::new("migration").terminable(false); // it must not be cut off half-way
    /// # drop(run);
    /// ```
    pub const fn terminable(mut self, terminable: bool) -> Self {
        self.is_terminable = Some(terminable);
        self
    }

    /// Whether this run's version becomes the current one of the agent in its environment. Default: `true`. A trial of a new version
    /// beside the current one says `false`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Agent, Registration};
    ///
    /// let trial = Registration::new(Agent::new("researcher").with_version("3.0.0-beta")).update_current_version(false);
    /// # drop(trial);
    /// ```
    pub const fn update_current_version(mut self, update: bool) -> Self {
        self.updates_current_version = update;
        self
    }

    /// The agent.
    pub const fn agent(&self) -> &Agent {
        &self.agent
    }
}

impl<A: Into<Agent>> From<A> for Registration {
    fn from(agent: A) -> Self {
        Self::new(agent)
    }
}

/// Session, user, group, name, tags and metadata, as the top spans of the run carry them. Empty without any.
#[cfg(feature = "enabled")]
impl Registration {
    pub(crate) fn facts(&self) -> Payload {
        let mut facts = self.metadata.clone();
        let texts = [
            ("session_id", &self.session_id),
            ("user_id", &self.user_id),
            ("group_id", &self.group_id),
            ("workflow_name", &self.name),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                facts.insert(name, text);
            }
        }
        if !self.tags.is_empty() {
            facts.insert("tags", &self.tags);
        }
        facts
    }
}
