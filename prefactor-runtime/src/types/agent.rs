//! The agent that a run belongs to.

use std::borrow::Cow;

#[cfg(feature = "enabled")]
use crate::types::name;

/// An agent's name and release, as the platform lists it.
///
/// Before the platform is told them, names and versions are cut to 256 characters and descriptions to 512, and control
/// characters are replaced.
///
/// # Examples
///
/// ```
/// use prefactor::Agent;
///
/// let agent = Agent::new("researcher").with_version("2.1.0").with_description("Answers questions over files");
/// assert_eq!((agent.name(), agent.version()), ("researcher", "2.1.0"));
/// assert_eq!(agent.description(), "Answers questions over files");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an agent does nothing until it is registered"]
pub struct Agent {
    name: Cow<'static, str>,
    version: Cow<'static, str>,
    description: Cow<'static, str>,
}

impl Agent {
    /// An agent of that name, at version `1.0.0`. The name is a literal or a `String`, as the other texts are.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), version: Cow::Borrowed("1.0.0"), description: Cow::Borrowed("") }
    }

    /// Sets the release: the platform keeps one agent version for each.
    pub fn with_version(mut self, version: impl Into<Cow<'static, str>>) -> Self {
        self.version = version.into();
        self
    }

    /// Sets the description shown beside the name.
    pub fn with_description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = description.into();
        self
    }

    /// Cleans the texts that the platform is sent, and returns whether any had to be changed.
    #[cfg(feature = "enabled")]
    pub(crate) fn clean_names(&mut self) -> bool {
        name::clean(&mut self.name, name::MAX_NAME)
            | name::clean(&mut self.version, name::MAX_NAME)
            | name::clean(&mut self.description, name::MAX_DESCRIPTION)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The release.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }
}

impl From<&'static str> for Agent {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Agent {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}
