//! The trait that reads the streams of a model client.

use serde::Serialize;

use crate::types::span_error::SpanError;
use crate::types::usage::Usage;

/// Reads the items of a client's streams for the attribute's `stream(with = …)`: where an answer ends, which items are
/// failures, and the text of the answer.
///
/// A reader is written once for a client and named by each function that returns one of its streams. It is made anew for each
/// stream. Its serialized form is the span's `output`, unless the attribute has `ret(items)` or `ret(fold = …)`.
///
/// # Panics
///
/// A panic in a reader is contained: that item says nothing.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "enabled")]
/// # mod demo {
/// use futures_util::stream::{self, Stream};
/// use prefactor::{ItemMarks, StreamReader, Usage, span};
///
/// pub struct Chunk {
///     text: &'static str,
///     tokens: Option<u64>,
///     is_last: bool,
/// }
///
/// #[derive(Default, serde::Serialize)]
/// struct Answer {
///     text: String,
///     #[serde(skip)]
///     tokens: Option<u64>,
/// }
///
/// impl StreamReader<Result<Chunk, String>> for Answer {
///     fn read(&mut self, item: &Result<Chunk, String>) -> ItemMarks {
///         let Ok(chunk) = item else { return ItemMarks::new() };
///         self.text.push_str(chunk.text);
///         self.tokens = self.tokens.max(chunk.tokens);
///         ItemMarks::new().with_content(!chunk.text.is_empty()).with_end(chunk.is_last)
///     }
///
///     fn usage(&self) -> Option<Usage> {
///         self.tokens.map(|tokens| Usage::new().with_output_tokens(tokens))
///     }
/// }
///
/// #[span("agent:llm_call", stream(with = Answer))]
/// pub fn chat(prompt: &str) -> impl Stream<Item = Result<Chunk, String>> + use<> {
///     # let _ = prompt;
///     stream::iter([Ok(Chunk { text: "Because", tokens: Some(1), is_last: true })])
/// }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not read streams of `{T}`",
    label = "implement `prefactor::StreamReader<{T}>` for it, or name a reader of this client"
)]
pub trait StreamReader<T>: Default + Serialize + Send + 'static {
    /// Whether a whole answer has an end marker: a stream that ends without it is `failed`, with the type `stream_truncated`.
    const HAS_END: bool = true;

    /// Takes note of the next item. An `Err` item makes the span `failed` without the reader's saying so.
    ///
    /// After a restart the reader itself drops the parts of the answer that no longer count.
    fn read(&mut self, item: &T) -> ItemMarks;

    /// The usage of the answer. It is asked for once, at the end.
    fn usage(&self) -> Option<Usage> {
        None
    }
}

/// The meaning of an item for the span of its stream. At first no mark is set.
///
/// # Examples
///
/// ```
/// use prefactor::ItemMarks;
///
/// # struct Chunk { text: String, finish_reason: Option<String> }
/// fn marks_of(chunk: &Chunk) -> ItemMarks {
///     ItemMarks::new().with_content(!chunk.text.is_empty()).with_end(chunk.finish_reason.is_some())
/// }
/// # let _ = marks_of(&Chunk { text: "So".into(), finish_reason: None });
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ItemMarks {
    pub(crate) is_content: bool,
    pub(crate) is_end: bool,
    pub(crate) is_restart: bool,
    pub(crate) failure: Option<SpanError>,
}

impl ItemMarks {
    /// An item that means nothing in particular.
    pub const fn new() -> Self {
        Self { is_content: false, is_end: false, is_restart: false, failure: None }
    }

    /// Sets whether the item has a part of the answer: the first one that has sets `time_to_first_item_ms`.
    pub const fn with_content(mut self, is_content: bool) -> Self {
        self.is_content = is_content;
        self
    }

    /// Sets whether the item is the end marker: the span is `complete`, also when the stream is dropped after it.
    pub const fn with_end(mut self, is_end: bool) -> Self {
        self.is_end = is_end;
        self
    }

    /// Sets whether the client begins anew with this item: an end marker that came before it is forgotten.
    pub const fn with_restart(mut self, is_restart: bool) -> Self {
        self.is_restart = is_restart;
        self
    }

    /// Sets the failure that the item stands for, although it is no `Err`.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{ItemMarks, SpanError};
    ///
    /// enum Event {
    ///     Overloaded,
    ///     Retrying,
    ///     Text(String),
    /// }
    ///
    /// fn marks_of(event: &Event) -> ItemMarks {
    ///     match event {
    ///         Event::Overloaded => ItemMarks::new().with_failure(SpanError::new("overloaded").with_type("Overloaded")),
    ///         Event::Retrying => ItemMarks::new().with_restart(true),
    ///         Event::Text(text) => ItemMarks::new().with_content(!text.is_empty()),
    ///     }
    /// }
    /// # let _ = [Event::Overloaded, Event::Retrying, Event::Text("So".into())].iter().map(marks_of).count();
    /// ```
    pub fn with_failure(mut self, failure: impl Into<SpanError>) -> Self {
        self.failure = Some(failure.into());
        self
    }
}
