//! The span of a caller in another system, as a link: a parent would be a span of the same trace.

use crate::export::json_members::JsonMembers;

use super::fields::Fields;

/// The ids of a span in another trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    trace_id: [u8; 16],
    span_id: [u8; 8],
}

impl Link {
    /// The caller that the member `remote_parent` names: of a run's metadata, or of a payload.
    pub(super) fn of(members: &JsonMembers<'_>) -> Option<Self> {
        let caller = members.object("remote_parent")?;
        let number = |name, digits| {
            let text = caller.text(&[name]).filter(|text| text.len() == digits)?;
            u128::from_str_radix(&text, 16).ok()
        };
        let span_id = u64::try_from(number("span_id", 16)?).ok()?.to_be_bytes();
        Some(Self { trace_id: number("trace_id", 32)?.to_be_bytes(), span_id })
    }

    /// Writes it into a span of that trace. A caller in the same trace is the parent, and no link.
    pub(super) fn write(&self, trace_id: [u8; 16], span: &mut Fields) {
        if self.trace_id != trace_id {
            span.message(13, |link| {
                link.bytes(1, &self.trace_id);
                link.bytes(2, &self.span_id);
            });
        }
    }
}
