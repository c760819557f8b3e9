//! How far the question about a client's schemas has come.

/// How far a client has come with its question.
#[derive(Debug, Default)]
pub(super) enum SchemaCheck {
    /// No run with types is registered yet.
    #[default]
    Due,
    /// A list is asked for, by that request.
    Listing {
        request: u64,
        agent_id: String,
        offset: u64,
        pages: u32,
    },
    /// The schema version is asked for.
    Reading {
        request: u64,
    },
    Over,
}

impl SchemaCheck {
    /// Whether that request is its question.
    pub(super) fn is_asking(&self, number: u64) -> bool {
        matches!(self, Self::Listing { request, .. } | Self::Reading { request } if *request == number)
    }
}
