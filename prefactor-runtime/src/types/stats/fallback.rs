//! Fallbacks: ways of delivery that replace one that the API refused.

/// A way of delivery that the API refused, and that another replaces. It is tried again ten minutes later.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// for fallback in client.stats().fallbacks() {
///     println!("the API does not support what {fallback:?} replaces");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fallback {
    /// Each start and each finish of a span is a request of its own: `/bulk` is refused.
    SingleRequests,
    /// Each finish of a span is a request of its own: `/bulk` takes starts only.
    SingleFinishes,
    /// The API makes the ids of spans: it does not take the client's.
    ServerIds,
    /// Spans that were cancelled after their start end as `failed`, with the error type `Cancelled`.
    CancelledAsFailed,
    /// Spans that were cancelled before their start are made as `pending`, then cancelled: two calls in place of one.
    PendingFirst,
}

impl Fallback {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 5] = [
        Self::SingleRequests,
        Self::SingleFinishes,
        Self::ServerIds,
        Self::CancelledAsFailed,
        Self::PendingFirst,
    ];
}
