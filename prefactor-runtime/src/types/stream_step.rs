//! One step of a fold over a stream.

/// One step of a stream, as a function given as `ret(fold = path)` gets it.
///
/// # Examples
///
/// ```
/// use prefactor::StreamStep;
///
/// #[derive(Default, serde::Serialize)]
/// struct Answer {
///     text: String,
/// }
///
/// fn answer(answer: &mut Answer, step: StreamStep<'_, String>) {
///     match step {
///         StreamStep::Item(chunk) => answer.text.push_str(chunk),
///         StreamStep::Restart => *answer = Answer::default(),
///         _ => {}
///     }
/// }
///
/// let mut whole = Answer::default();
/// answer(&mut whole, StreamStep::Item(&"half an ans".to_owned()));
/// answer(&mut whole, StreamStep::Restart);
/// answer(&mut whole, StreamStep::Item(&"yes".to_owned()));
/// assert_eq!(whole.text, "yes");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamStep<'a, T> {
    /// The next item.
    Item(&'a T),
    /// The stream begins anew with the next item, as the attribute's `stream(restart = …)` has said.
    Restart,
}

impl<T> Clone for StreamStep<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StreamStep<'_, T> {}
