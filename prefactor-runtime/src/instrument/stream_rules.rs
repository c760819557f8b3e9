//! The options of a stream: which items end it, fail it, count as the first, begin it anew, and what is recorded of them.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use crate::instrument::outcome::{FailWhen, NoOptions, Options};
use crate::payload::{Captured, ItemList, Payload, SideLimits};
use crate::types::span_error::SpanError;
use crate::types::stream_step::StreamStep;

/// What may be captured of the items.
#[derive(Clone, Copy, Debug)]
pub struct Bounds(pub(crate) SideLimits);

/// What was recorded of the items: members of the span's result.
#[derive(Debug, Default)]
pub struct Output(pub(crate) Payload);

/// What the closures of the attribute say about the items of a stream.
pub trait StreamOptions<I>: Copy {
    /// What is kept of the items.
    type State: Default;

    /// Whether there is an end marker. If there is one, a stream that ends without it was cut off.
    fn has_end(&self) -> bool {
        false
    }

    /// Whether the item is the end marker.
    fn is_end(&self, _: &I) -> bool {
        false
    }

    /// What is recorded, if the item stands for a failure although it is no `Err`.
    fn failure(&self, _: &I) -> Option<SpanError> {
        None
    }

    /// Whether the item counts as the first one.
    fn is_first(&self, _: &I) -> bool {
        true
    }

    /// Whether the stream begins anew with this item: some clients send a failed request again.
    fn is_restart(&self, _: &I) -> bool {
        false
    }

    /// Takes note of an item.
    fn record(&self, _: &mut Self::State, _: &I, _is_restart: bool) {}

    /// What was noted, for the span's result.
    fn output(&self, _: &Self::State, _: Bounds) -> Output {
        Output::default()
    }
}

impl<I> StreamOptions<I> for () {
    type State = ();
}

impl<I, O: Copy> StreamOptions<I> for Options<O, NoOptions> {
    type State = ();
}

impl<I, O: Copy, S: StreamOptions<I>> StreamOptions<I> for Options<O, StreamRules<S>> {
    type State = S::State;

    fn has_end(&self) -> bool {
        self.stream.0.has_end()
    }

    fn is_end(&self, item: &I) -> bool {
        self.stream.0.is_end(item)
    }

    fn failure(&self, item: &I) -> Option<SpanError> {
        self.stream.0.failure(item)
    }

    fn is_first(&self, item: &I) -> bool {
        self.stream.0.is_first(item)
    }

    fn is_restart(&self, item: &I) -> bool {
        self.stream.0.is_restart(item)
    }

    fn record(&self, state: &mut S::State, item: &I, is_restart: bool) {
        self.stream.0.record(state, item, is_restart);
    }

    fn output(&self, state: &S::State, bounds: Bounds) -> Output {
        self.stream.0.output(state, bounds)
    }
}

/// The options of a stream, as they are part of a function's [`Options`].
#[derive(Clone, Copy, Debug)]
pub struct StreamRules<S>(S);

/// The items of a function's stream, for closures whose parameter they are.
pub struct Items<I>(pub(crate) PhantomData<fn() -> I>);

impl<I> fmt::Debug for Items<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Items")
    }
}

#[expect(clippy::unused_self, reason = "its type gives closures the type of their parameter")]
impl<I> Items<I> {
    /// Combines the rules. A rule that the attribute does not give is a closure with the answer of the default.
    pub fn rules<E, X, W, B, R, C>(
        &self,
        has_end: bool,
        end: E,
        fail: X,
        first: B,
        restart: R,
        record: C,
    ) -> StreamRules<impl StreamOptions<I, State = C::State> + Send + Sync + Unpin + use<I, E, X, W, B, R, C>>
    where
        E: Fn(&I) -> bool + Copy + Send + Sync + Unpin + 'static,
        X: Fn(&I) -> W + Copy + Send + Sync + Unpin + 'static,
        W: FailWhen,
        B: Fn(&I) -> bool + Copy + Send + Sync + Unpin + 'static,
        R: Fn(&I) -> bool + Copy + Send + Sync + Unpin + 'static,
        C: RecordItems<I> + Send + Sync + Unpin + 'static,
    {
        StreamRules(Rules { has_end, end, fail, first, restart, record })
    }

    /// Keeps nothing of the items.
    #[must_use]
    pub const fn no_record(&self) -> NoRecord {
        NoRecord
    }

    /// `ret(items)`
    pub fn list<C: Fn(&I) -> Option<Captured> + Copy>(&self, capture: C) -> ListItems<C> {
        ListItems(capture)
    }

    /// `ret(fold = path)`
    pub fn fold<A, C: Fn(&mut A, StreamStep<'_, I>) + Copy>(&self, fold: C) -> FoldItems<A, C> {
        FoldItems(fold, PhantomData)
    }
}

#[derive(Clone, Copy, Debug)]
struct Rules<E, X, B, R, C> {
    has_end: bool,
    end: E,
    fail: X,
    first: B,
    restart: R,
    record: C,
}

impl<I, E, X, W, B, R, C> StreamOptions<I> for Rules<E, X, B, R, C>
where
    E: Fn(&I) -> bool + Copy,
    X: Fn(&I) -> W + Copy,
    W: FailWhen,
    B: Fn(&I) -> bool + Copy,
    R: Fn(&I) -> bool + Copy,
    C: RecordItems<I>,
{
    type State = C::State;

    fn has_end(&self) -> bool {
        self.has_end
    }

    fn is_end(&self, item: &I) -> bool {
        (self.end)(item)
    }

    fn failure(&self, item: &I) -> Option<SpanError> {
        (self.fail)(item).failure().map(|error| error.or_type("stream_item"))
    }

    fn is_first(&self, item: &I) -> bool {
        (self.first)(item)
    }

    fn is_restart(&self, item: &I) -> bool {
        (self.restart)(item)
    }

    fn record(&self, state: &mut C::State, item: &I, is_restart: bool) {
        self.record.record(state, item, is_restart);
    }

    fn output(&self, state: &C::State, bounds: Bounds) -> Output {
        self.record.output(state, bounds)
    }
}

/// What is recorded of the items.
pub trait RecordItems<I>: Copy {
    /// What is kept of them.
    type State: Default;

    /// Takes note of an item.
    fn record(&self, state: &mut Self::State, item: &I, is_restart: bool);

    /// What was noted, for the span's result.
    fn output(&self, state: &Self::State, bounds: Bounds) -> Output;
}

/// Nothing is recorded.
#[derive(Clone, Copy, Debug)]
pub struct NoRecord;

impl<I> RecordItems<I> for NoRecord {
    type State = ();

    fn record(&self, (): &mut (), _: &I, _: bool) {}

    fn output(&self, (): &(), _: Bounds) -> Output {
        Output::default()
    }
}

/// `ret(items)`: texts are joined, other items are a list.
#[derive(Clone, Copy, Debug)]
pub struct ListItems<C>(C);

impl<I, C: Fn(&I) -> Option<Captured> + Copy> RecordItems<I> for ListItems<C> {
    type State = ItemList;

    fn record(&self, list: &mut ItemList, item: &I, is_restart: bool) {
        if is_restart {
            *list = ItemList::default();
        }
        if let Some(captured) = (self.0)(item) {
            list.push(captured);
        }
    }

    fn output(&self, list: &ItemList, bounds: Bounds) -> Output {
        Output(list.to_payload(bounds.0))
    }
}

/// `ret(fold = path)`: the accumulator is the result.
pub struct FoldItems<A, C>(C, PhantomData<fn() -> A>);

impl<A, C: Copy> Copy for FoldItems<A, C> {}

impl<A, C: Copy> Clone for FoldItems<A, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, C> fmt::Debug for FoldItems<A, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FoldItems")
    }
}

impl<I, A, C> RecordItems<I> for FoldItems<A, C>
where
    A: Default + Serialize,
    C: Fn(&mut A, StreamStep<'_, I>) + Copy,
{
    type State = A;

    fn record(&self, state: &mut A, item: &I, is_restart: bool) {
        if is_restart {
            (self.0)(state, StreamStep::Restart);
        }
        (self.0)(state, StreamStep::Item(item));
    }

    fn output(&self, state: &A, bounds: Bounds) -> Output {
        Output(Payload::of_members(bounds.0, |members| members.insert("output", state)))
    }
}
