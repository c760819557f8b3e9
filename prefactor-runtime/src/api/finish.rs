//! The end of a run or a span, which may have come already.

use crate::types::error::Error;

/// The outcome of a request that ends a run or a span.
///
/// # Examples
///
/// ```no_run
/// # async fn end(api: prefactor::api::ApiClient) -> Result<(), prefactor::Error> {
/// use prefactor::InstanceStatus;
///
/// let ended = api.instances().finish("013xrzp12g3nqk8n0000000000000000", InstanceStatus::Complete).await?;
/// if ended.is_already_finished() {
///     println!("somebody else was faster");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it may have ended before"]
pub enum Finish<T> {
    /// It has ended now.
    Done(T),
    /// It had ended before, perhaps with another status: nothing was changed.
    AlreadyFinished,
}

impl<T> Finish<T> {
    /// Whether it had ended before.
    #[must_use]
    pub const fn is_already_finished(&self) -> bool {
        matches!(self, Self::AlreadyFinished)
    }

    /// The object, if this request ended it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::api::Finish;
    ///
    /// assert_eq!(Finish::Done(7).done(), Some(7));
    /// assert_eq!(Finish::<u8>::AlreadyFinished.done(), None);
    /// ```
    #[must_use]
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(object) => Some(object),
            Self::AlreadyFinished => None,
        }
    }

    /// Takes the API's word that the object is in a final state for a result.
    pub(super) fn of(result: Result<T, Error>) -> Result<Self, Error> {
        match result {
            Ok(object) => Ok(Self::Done(object)),
            Err(error) if error.is_conflict() && error.code() == Some("invalid_action") => {
                Ok(Self::AlreadyFinished)
            }
            Err(error) => Err(error),
        }
    }
}
