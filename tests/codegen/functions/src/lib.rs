//! Functions as they occur in agents. `tests/codegen/main.rs` compares their machine code with the attribute and without.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A value that is neither `Serialize` nor `Debug`.
#[expect(missing_debug_implementations, reason = "a capture without `Debug` is the case")]
pub struct Budget {
    tokens: u64,
}

/// A function with an early return.
///
/// # Errors
///
/// When the text is no number.
#[cfg_attr(feature = "annotated", prefactor::span("code:parse", skip(fallback), fields(length = text.len())))]
pub fn parse(text: &str, fallback: u32) -> Result<u32, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(fallback);
    }
    text.parse()
}

/// A generic function with a `mut` argument.
#[must_use]
#[cfg_attr(feature = "annotated", prefactor::span("code:sum", ret, name = "Add up"))]
pub fn sum<const N: usize>(mut start: u64, numbers: [u64; N]) -> u64 {
    for number in numbers {
        start = start.wrapping_add(number);
    }
    start
}

impl Budget {
    /// A method that changes its receiver.
    #[cfg_attr(feature = "annotated", prefactor::span("code:spend"))]
    pub fn spend(&mut self, tokens: u64) -> bool {
        let is_enough = self.tokens >= tokens;
        self.tokens = self.tokens.saturating_sub(tokens);
        is_enough
    }

    #[cfg_attr(feature = "annotated", prefactor::span("code:step", err, boxed))]
    async fn step(&mut self, text: &str) -> Result<u64, std::num::ParseIntError> {
        Yield(false).await;
        let tokens = u64::from(parse(text, 7)?);
        Ok(if self.spend(tokens) { self.tokens } else { 0 })
    }
}

#[cfg_attr(feature = "annotated", prefactor::span("code:boxed", skip_all))]
fn boxed<'a>(budget: &'a mut Budget, text: &'a str) -> Pin<Box<dyn Future<Output = u64> + Send + 'a>> {
    Box::pin(async move { budget.step(text).await.unwrap_or(0) })
}

/// Runs the futures, so that they are compiled here.
#[must_use]
pub fn run(text: &str) -> u64 {
    let mut budget = Budget { tokens: sum(1, [2, 3, 4]) };
    let mut future = pin!(boxed(&mut budget, text));
    loop {
        if let Poll::Ready(left) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return left;
        }
    }
}

/// Pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
