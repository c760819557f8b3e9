//! The stream of an annotated function: its span ends with the stream.

use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::{Context, stack};
use crate::instrument::call_span::FutureSpan;
use crate::instrument::outcome::ReadOutcome;
use crate::instrument::stream_rules::{Bounds, Output, StreamOptions};
use crate::manager::outcome::Outcome;
use crate::manager::panics::resume_destructor;
use crate::manager::span_state::SpanState;
use crate::payload::{Payload, SideLimits};
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;
use crate::types::stream_reader::ItemMarks;

pin_project! {
    /// A stream with one span, from the call that returned the stream to its end.
    ///
    /// `F` reads the outcome of an item, `N` holds the closures of the attribute, and `A` is the type of their record.
    pub struct InstrumentedStream<S, F, N, A> {
        #[pin]
        stream: Option<S>,
        // `None` after the stream's end. Unwind safe, because no code of the SDK leaves it half changed.
        span: AssertUnwindSafe<Option<Arc<SpanState>>>,
        reads: F,
        options: N,
        // Read and written by `poll_next` and the destructor, through `get_mut`, so it is never locked. `Mutex` makes the
        // stream `Sync` and unwind safe, whatever type a user's function folds into.
        seen: Mutex<Seen<A>>,
        // Makes the recorded items part of the result. A pointer, because the destructor does not know the items' type.
        output: fn(&N, &A, Bounds) -> Output,
    }

    impl<S, F, N, A> PinnedDrop for InstrumentedStream<S, F, N, A> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(span) = this.span.0.take() {
                let (dropped, context) = stack::run_in(Context::of_span(span), &mut || this.stream.set(None));
                if let Some(span) = context.into_span() {
                    let seen = get(this.seen);
                    let result = seen.result(&span, &mut |bounds| (this.output)(this.options, &seen.recorded, bounds));
                    seen.end(&span, &result, SpanStatus::Cancelled);
                }
                resume_destructor(dropped);
            }
        }
    }
}

/// The state of a stream so far.
#[derive(Debug, Default)]
struct Seen<A> {
    count: u64,
    first_after: Option<Duration>,
    /// The first failure before the end marker.
    failure: Option<Box<SpanError>>,
    /// The first failure after the end marker. It does not spoil an answer that is complete.
    late_failure: Option<Box<SpanError>>,
    has_ended: bool,
    recorded: A,
}

fn get<A>(seen: &mut Mutex<Seen<A>>) -> &mut Seen<A> {
    seen.get_mut().unwrap_or_else(PoisonError::into_inner)
}

impl<A> Seen<A> {
    /// Takes note of an item, with the user's code kept from making spans and from panicking into the program.
    fn item<I, N, F>(&mut self, item: &I, options: N, reads: F, span: &SpanState)
    where
        N: StreamOptions<I, State = A>,
        F: ReadOutcome<I, N>,
    {
        self.count += 1;
        if span.is_dropped() {
            return;
        }
        let (mut failure, mut marks) = (None, ItemMarks::new());
        let after = if self.first_after.is_none() { span.elapsed() } else { None };
        let _ = Outcome::read(span.limits().outputs, &mut || {
            // Read first: a panic in the program's rule must not hide the failure.
            failure = match reads.read(item, options, false) {
                Outcome::Failed(error) | Outcome::CountsAsFailed(error, _) => Some(error),
                Outcome::Complete(_) | Outcome::Used(_) => None,
            };
            marks = options.read(&mut self.recorded, item);
            Outcome::Complete(None)
        });
        self.has_ended &= !marks.is_restart;
        if marks.is_content && self.first_after.is_none() {
            self.first_after = after;
        }
        let first = if self.has_ended { &mut self.late_failure } else { &mut self.failure };
        if first.is_none() {
            *first = failure.or_else(|| marks.failure.map(Box::new));
        }
        self.has_ended |= marks.is_end;
    }

    fn result(&self, span: &SpanState, output: &mut dyn FnMut(Bounds) -> Output) -> Payload {
        // Counts are not values of the program, so they are recorded even when results are not captured.
        let mut result = Payload::of_members(SideLimits::default(), |members| {
            members.insert("items", &self.count);
            if let Some(first) = self.first_after {
                members.insert("time_to_first_item_ms", &millis(first));
            }
            if let Some(error) = &self.late_failure {
                members.insert("error_after_end", error.message());
            }
        });
        let Output { members, usage } = output(Bounds(span.limits().outputs));
        if let Some(usage) = usage {
            span.set_usage(usage);
        }
        result.merge(members);
        result
    }

    /// Ends the span. `otherwise` is the status without a failure and without an end marker.
    fn end(&mut self, span: &SpanState, result: &Payload, otherwise: SpanStatus) {
        match self.failure.take() {
            Some(error) => {
                span.set_error(*error);
                span.finish_returned(Some(SpanStatus::Failed), result.tape());
            }
            None => {
                let status = if self.has_ended { SpanStatus::Complete } else { otherwise };
                span.finish_returned(
                    Some(status).filter(|status| *status != SpanStatus::Complete),
                    result.tape(),
                );
            }
        }
    }
}

/// Milliseconds with three digits: further digits of the float are noise.
fn millis(duration: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
    let micros = duration.as_micros() as f64;
    micros / 1_000.0
}

impl<S, F, N, A> InstrumentedStream<S, F, N, A> {
    pub(crate) fn new<I>(stream: S, mut span: FutureSpan, reads: F, options: N) -> Self
    where
        N: StreamOptions<I, State = A>,
        A: Default,
    {
        let seen = Mutex::new(Seen::default());
        let span = AssertUnwindSafe(span.take());
        Self { stream: Some(stream), span, reads, options, seen, output: N::output }
    }
}

impl<S, F, N> Stream for InstrumentedStream<S, F, N, N::State>
where
    S: Stream,
    N: StreamOptions<S::Item>,
    F: ReadOutcome<S::Item, N>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(mut stream) = this.stream.as_pin_mut() else { return Poll::Ready(None) };
        let Some(span) = this.span.0.take() else { return stream.poll_next(task) };
        let seen = get(this.seen);
        let mut polled = Poll::Pending;
        let (ran, context) =
            stack::run_in(Context::of_span(span), &mut || polled = stream.as_mut().poll_next(task));
        let Some(span) = context.into_span() else { return polled };
        let result = |seen: &Seen<N::State>| {
            seen.result(&span, &mut |bounds| this.options.output(&seen.recorded, bounds))
        };
        if let Err(panic) = ran {
            span.merge_result(result(seen));
            span.finish_panicked(&*panic);
            resume_unwind(panic)
        }
        match &polled {
            Poll::Pending => this.span.0 = Some(span),
            Poll::Ready(Some(item)) => {
                seen.item(item, *this.options, *this.reads, &span);
                this.span.0 = Some(span);
            }
            Poll::Ready(None) => {
                if this.options.has_end() && !seen.has_ended && seen.failure.is_none() {
                    seen.failure = Some(Box::new(
                        SpanError::new("the stream ended without its end marker")
                            .with_type("stream_truncated"),
                    ));
                }
                let result = result(seen);
                seen.end(&span, &result, SpanStatus::Complete);
            }
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S, F, N, A> fmt::Debug for InstrumentedStream<S, F, N, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InstrumentedStream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn milliseconds_are_whole_microseconds_with_three_digits_at_most() {
        let expect = |duration: Duration| {
            let (whole, micros) = (duration.as_micros() / 1_000, duration.as_micros() % 1_000);
            let text = format!("{whole}.{micros:03}");
            assert_eq!(super::millis(duration).to_string(), text.trim_end_matches('0').trim_end_matches('.'));
        };
        for micros in (0..1_000_000).step_by(7) {
            expect(Duration::new(150, micros * 1_000 + 562));
            expect(Duration::from_nanos(u64::from(micros) * 1_000 + 999));
        }
        for seconds in [0, 1, 59, 4_294, 4_295, 86_400, 31_557_600] {
            expect(Duration::new(seconds, 1_999));
        }
    }
}
