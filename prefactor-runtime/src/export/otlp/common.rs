//! Attributes that many spans share, encoded once for a request.

use super::attributes::Attributes;
use super::fields::Fields;
use super::link::Link;
use crate::export::json_members::JsonMembers;
use crate::export::kind::Kind;
use crate::export::record::TraceRecord;
use crate::export::typed::Typed;

/// The part that spans of one schema name share: their kind, and attributes.
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) attributes: Fields,
}

impl Head {
    pub(super) fn of(schema_name: &str, typed: Option<Typed>) -> Self {
        let kind = typed.map_or_else(|| Kind::of(schema_name), Typed::kind);
        let mut fields = Fields::default();
        let mut attributes = Attributes::of_span(&mut fields);
        attributes.text("openinference.span.kind", kind.openinference());
        attributes.text("langfuse.observation.type", kind.langfuse());
        attributes.text("prefactor.schema_name", schema_name);
        if let Some(operation) = kind.operation() {
            attributes.text("gen_ai.operation.name", operation);
        }
        Self { kind, attributes: fields }
    }
}

/// The facts of a run, on each span: receivers sort by them.
pub(super) struct Facts {
    pub(super) of_all: Fields,
    /// The facts that only its top spans have.
    pub(super) of_top: Fields,
    /// The caller of the run, for its top spans.
    pub(super) caller: Option<Link>,
}

impl Facts {
    pub(super) fn of(trace: &TraceRecord) -> Self {
        let (mut of_all, mut of_top) = (Fields::default(), Fields::default());
        let mut attributes = Attributes::of_span(&mut of_all);
        if let Some(session) = &trace.session_id {
            attributes.text("session.id", session);
            attributes.text("gen_ai.conversation.id", session);
        }
        if let Some(user) = &trace.user_id {
            attributes.text("user.id", user);
        }
        if let Some(group) = &trace.group_id {
            attributes.text("prefactor.group_id", group);
        }
        if !trace.tags.is_empty() {
            attributes.list("tag.tags", &trace.tags);
            attributes.list("langfuse.trace.tags", &trace.tags);
        }
        let metadata = Some(trace.metadata_json()).filter(|metadata| *metadata != "{}");
        if let Some(metadata) = metadata {
            attributes.text("metadata", metadata);
        }
        // Langfuse takes a trace's input and output from its top span's (langfuse.com/faq/all/empty-trace-input-and-output).
        let mut attributes = Attributes::of_span(&mut of_top);
        attributes.text("langfuse.trace.name", trace.name.as_deref().unwrap_or(trace.agent.name()));
        if let Some(metadata) = metadata {
            attributes.text("langfuse.trace.metadata", metadata);
        }
        let caller = metadata.and_then(|metadata| Link::of(&JsonMembers::read(metadata.as_bytes())));
        Self { of_all, of_top, caller }
    }
}
