//! The settings of an exporter that decide about attributes.

/// The attributes of every span.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// Whether arguments, results and messages are among the attributes.
    pub(super) has_content: bool,
    /// `service.name`; the agent's name if there is none.
    pub(super) service_name: Option<String>,
    /// Further attributes of the resource.
    pub(super) resource: Vec<(String, String)>,
}
