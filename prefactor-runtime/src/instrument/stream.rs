//! Streams that keep their span open until they end.

use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Instant;

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::{Context, stack};
use crate::instrument::entry::Returns;
use crate::instrument::outcome::Ends;
use crate::instrument::pending_call::{Call, Recording};
use crate::manager::outcome::Outcome;
use crate::manager::panics::resume_destructor;
use crate::manager::span_state::SpanState;
use crate::payload::{Payload, SideLimits};
use crate::types::status::SpanStatus;

pin_project! {
    /// The stream of an annotated function: one span, from the first poll to the end.
    ///
    /// The result says how many items came and how long the first one took, in milliseconds.
    pub struct StreamSpan<S, O> {
        #[pin]
        stream: Option<S>,
        state: State,
        seen: Seen,
        // Whether the first item that is an `Err` fails the span.
        items: bool,
        outcome: O,
    }

    impl<S, O> PinnedDrop for StreamSpan<S, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let State::Running(span) = std::mem::replace(this.state, State::Over) {
                let (dropped, context) = stack::run_in(Context::of_span(span), &mut || this.stream.set(None));
                if let Some(span) = context.into_span() {
                    span.finish(Some(SpanStatus::Cancelled), this.seen.result().tape());
                }
                resume_destructor(dropped);
            }
        }
    }
}

enum State {
    /// Not polled yet.
    Later(Box<Recording>),
    Running(Arc<SpanState>),
    Over,
}

#[derive(Default)]
struct Seen {
    count: u64,
    since: Option<Instant>,
    first_after_ms: Option<f64>,
}

impl Seen {
    fn poll(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    fn item(&mut self) {
        self.count += 1;
        if let Some(since) = self.since.filter(|_| self.count == 1) {
            self.first_after_ms = Some(since.elapsed().as_secs_f64() * 1_000.0);
        }
    }

    fn result(&self) -> Payload {
        // Counts, and none of the program's values.
        Payload::of_members(SideLimits::default(), |members| {
            members.insert("items", &self.count);
            if let Some(first) = self.first_after_ms {
                members.insert("time_to_first_item_ms", &first);
            }
        })
    }
}

impl<S, O> StreamSpan<S, O> {
    pub(crate) fn later(stream: S, call: Call, items: bool, outcome: O) -> Self {
        let state = call.into_recording().map_or(State::Over, State::Later);
        Self { stream: Some(stream), state, seen: Seen::default(), items, outcome }
    }

    pub(crate) fn running(stream: S, span: Option<Arc<SpanState>>, items: bool, outcome: O) -> Self {
        let state = span.map_or(State::Over, State::Running);
        Self { stream: Some(stream), state, seen: Seen::default(), items, outcome }
    }
}

impl<S, O, E> Stream for StreamSpan<S, O>
where
    S: Stream,
    O: Fn(Returns<S::Item>) -> E,
    E: Ends<S::Item>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(mut stream) = this.stream.as_pin_mut() else { return Poll::Ready(None) };
        let span = match std::mem::replace(this.state, State::Over) {
            State::Later(recording) => recording.begin(),
            State::Running(span) => Some(span),
            State::Over => None,
        };
        let Some(span) = span else { return stream.poll_next(task) };
        this.seen.poll();
        let mut polled = Poll::Pending;
        let (ran, context) =
            stack::run_in(Context::of_span(span), &mut || polled = stream.as_mut().poll_next(task));
        let span = context.into_span();
        if let Err(panic) = ran {
            if let Some(span) = span {
                span.merge_result(this.seen.result());
                span.finish_panicked(&*panic);
            }
            resume_unwind(panic)
        }
        match &polled {
            Poll::Pending => *this.state = span.map_or(State::Over, State::Running),
            Poll::Ready(None) => {
                if let Some(span) = span {
                    span.finish(None, this.seen.result().tape());
                }
            }
            Poll::Ready(Some(item)) => {
                this.seen.item();
                if let Some(span) = span {
                    let end = (this.outcome)(Returns::TYPE);
                    let outcome = this
                        .items
                        .then(|| Outcome::read(span.limits().outputs, &mut || end.outcome(item, false)));
                    if let Some(Ok(Outcome::Failed(error))) = outcome {
                        span.merge_result(this.seen.result());
                        span.finish_failed(*error);
                    } else {
                        *this.state = State::Running(span);
                    }
                }
            }
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S, O> fmt::Debug for StreamSpan<S, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StreamSpan").field("items", &self.seen.count).finish_non_exhaustive()
    }
}
