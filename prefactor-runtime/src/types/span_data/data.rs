//! The trait of the data of spans.

use serde::Serialize;

use crate::types::usage::Usage;

/// The data of one kind of span: its members and its schema name.
///
/// Implemented by the types of this module and, for kinds of its own, by the program. [`Serialize`] gives the exported members,
/// `type` among them, as the OpenAI Agents SDK exports its span data.
///
/// # Examples
///
/// ```
/// use prefactor::span_data::SpanData;
/// use prefactor::typed_span;
/// use serde::Serialize;
///
/// #[derive(Clone, Serialize)]
/// struct Retrieval {
///     query: String,
///     hits: usize,
/// }
///
/// impl SpanData for Retrieval {
///     const SCHEMA_NAME: &'static str = "agent:retrieval";
/// }
///
/// let span = typed_span(Retrieval { query: "rust agents".to_owned(), hits: 0 });
/// span.update(|data| data.hits = 3);
/// assert_eq!(span.span_data().hits, 3);
/// ```
pub trait SpanData: Serialize + Clone + Send + Sync + 'static {
    /// The Prefactor schema name, as in `agent:llm_call`.
    const SCHEMA_NAME: &'static str;

    /// The usage of a model call, if the data has it.
    fn usage(&self) -> Option<Usage> {
        None
    }
}
