//! The options of a stream: which items end it, fail it, count as the first, begin it anew, and how they are recorded.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use crate::instrument::outcome::{FailWhen, NoOptions, Options};
use crate::manager::outcome::Outcome;
use crate::payload::{Captured, ItemList, Payload, SideLimits};
use crate::types::span_error::SpanError;
use crate::types::stream_reader::{ItemMarks, StreamReader};
use crate::types::stream_step::StreamStep;
use crate::types::usage::Usage;

/// The capture limits of the items.
#[derive(Clone, Copy, Debug)]
pub struct Bounds(pub(crate) SideLimits);

/// The recorded items.
#[derive(Debug, Default)]
pub struct Output {
    /// Members of the span's result.
    pub(crate) members: Payload,
    pub(crate) usage: Option<Usage>,
}

impl Output {
    fn of(bounds: Bounds, members: impl FnOnce(SideLimits) -> Payload) -> Self {
        let members = if bounds.0.is_captured { members(bounds.0) } else { Payload::default() };
        Self { members, usage: None }
    }

    /// A value as the member `output`.
    fn of_value(bounds: Bounds, value: &impl Serialize) -> Self {
        Self::of(bounds, |side| Payload::of_members(side, |members| members.insert("output", value)))
    }
}

/// The attribute's rules about the items of a stream.
pub trait StreamOptions<I>: Copy {
    /// The recorded items so far.
    type State: Default;

    /// Whether there is an end marker. If there is one, a stream that ends without it was cut off.
    fn has_end(&self) -> bool {
        false
    }

    /// Reads an item, and returns its meaning.
    fn read(&self, _: &mut Self::State, _: &I) -> ItemMarks {
        ItemMarks::new().with_content(true)
    }

    /// The recorded items, for the span's result.
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

    fn read(&self, state: &mut S::State, item: &I) -> ItemMarks {
        self.stream.0.read(state, item)
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
    ///
    /// The type that it returns is named, for an opaque one would live no longer than items that borrow, and a boxed stream
    /// asks its options to be `'static`.
    pub fn rules<E, X, W, B, R, C>(
        &self,
        has_end: bool,
        end: E,
        fail: X,
        first: B,
        restart: R,
        record: C,
    ) -> StreamRules<Rules<E, X, B, R, C>>
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

    /// `stream(with = …)`
    pub fn reader<R, C>(&self, record: C) -> StreamRules<ByReader<R, C>>
    where
        R: StreamReader<I>,
        C: RecordItems<I> + Send + Sync + Unpin + 'static,
    {
        StreamRules(ByReader { reader: PhantomData, record })
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

/// The rules of `stream(…)`, with the way to record items.
#[derive(Clone, Copy)]
pub struct Rules<E, X, B, R, C> {
    has_end: bool,
    end: E,
    fail: X,
    first: B,
    restart: R,
    record: C,
}

impl<E, X, B, R, C> fmt::Debug for Rules<E, X, B, R, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rules")
    }
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

    fn read(&self, state: &mut C::State, item: &I) -> ItemMarks {
        let is_restart = (self.restart)(item);
        let marks = ItemMarks {
            is_restart,
            is_content: (self.first)(item),
            failure: (self.fail)(item).failure().map(of_item),
            is_end: (self.end)(item),
        };
        self.record.record(state, item, is_restart);
        marks
    }

    fn output(&self, state: &C::State, bounds: Bounds) -> Output {
        self.record.output(state, bounds)
    }
}

/// A failure for which an item stands, of a type of its own.
fn of_item(error: SpanError) -> SpanError {
    error.or_type("stream_item")
}

/// `stream(with = …)`, with the way to record items, if another than the reader.
pub struct ByReader<R, C> {
    reader: PhantomData<fn() -> R>,
    record: C,
}

impl<R, C> fmt::Debug for ByReader<R, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ByReader")
    }
}

impl<R, C: Copy> Copy for ByReader<R, C> {}

impl<R, C: Copy> Clone for ByReader<R, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, R: StreamReader<I>, C: RecordItems<I>> StreamOptions<I> for ByReader<R, C> {
    type State = (R, C::State);

    fn has_end(&self) -> bool {
        R::HAS_END
    }

    fn read(&self, (reader, recorded): &mut Self::State, item: &I) -> ItemMarks {
        let marks = reader.read(item);
        self.record.record(recorded, item, marks.is_restart);
        ItemMarks { failure: marks.failure.map(of_item), ..marks }
    }

    fn output(&self, (reader, recorded): &Self::State, bounds: Bounds) -> Output {
        let mut usage = None;
        let read = Outcome::read(bounds.0, &mut || {
            usage = reader.usage();
            Outcome::Complete(None)
        });
        let recorded = if C::IS_RECORDED {
            self.record.output(recorded, bounds)
        } else {
            Output::of_value(bounds, reader)
        };
        Output { usage: usage.filter(|_| read.is_ok()), ..recorded }
    }
}

/// The way to record items.
pub trait RecordItems<I>: Copy {
    /// Whether anything is.
    const IS_RECORDED: bool = true;

    /// The recorded items so far.
    type State: Default;

    /// Takes note of an item.
    fn record(&self, state: &mut Self::State, item: &I, is_restart: bool);

    /// The recorded items, for the span's result.
    fn output(&self, state: &Self::State, bounds: Bounds) -> Output;
}

/// Nothing is recorded.
#[derive(Clone, Copy, Debug)]
pub struct NoRecord;

impl<I> RecordItems<I> for NoRecord {
    const IS_RECORDED: bool = false;

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
        Output::of(bounds, |side| list.to_payload(side))
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
        Output::of_value(bounds, state)
    }
}
