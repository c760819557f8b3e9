//! The strictest lints find nothing in functions that are clean without the attribute.
//!
//! Clippy runs on this file; the compiler itself checks the first few lints. `shadow_same` is left out, because a `mut`
//! parameter is bound anew, and so is `single_call_fn`, because each function here has one caller.
#![forbid(unsafe_code)]
#![forbid(unreachable_code, unused_must_use, unused_variables, unused_mut, unused_assignments, dead_code)]
#![deny(
    warnings,
    unused,
    unit_bindings,
    rust_2018_idioms,
    missing_docs,
    unused_qualifications,
    unreachable_pub
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::as_underscore,
    clippy::clone_on_ref_ptr,
    clippy::disallowed_script_idents,
    clippy::else_if_without_else,
    clippy::empty_enum_variants_with_brackets,
    clippy::error_impl_error,
    clippy::exhaustive_enums,
    clippy::exit,
    clippy::expect_used,
    clippy::fn_to_numeric_cast_any,
    clippy::if_then_some_else_none,
    clippy::impl_trait_in_params,
    clippy::indexing_slicing,
    clippy::infinite_loop,
    clippy::integer_division,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::map_err_ignore,
    clippy::mem_forget,
    clippy::min_ident_chars,
    clippy::missing_assert_message,
    clippy::missing_asserts_for_indexing,
    clippy::missing_docs_in_private_items,
    clippy::mod_module_files,
    clippy::multiple_inherent_impl,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::partial_pub_fields,
    clippy::pattern_type_mismatch,
    clippy::pub_without_shorthand,
    clippy::redundant_type_annotations,
    clippy::rest_pat_in_fully_bound_structs,
    clippy::same_name_method,
    clippy::semicolon_inside_block,
    clippy::shadow_reuse,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::todo,
    clippy::try_err,
    clippy::undocumented_unsafe_blocks,
    clippy::unimplemented,
    clippy::unnecessary_self_imports,
    clippy::unneeded_field_pattern,
    clippy::unreachable,
    clippy::unused_result_ok,
    clippy::unused_trait_names,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    clippy::use_debug,
    clippy::verbose_file_reads,
    clippy::wildcard_enum_match_arm,
    clippy::wildcard_imports
)]
#![deny(clippy::used_underscore_binding, clippy::used_underscore_items)]
#![cfg_attr(
    not(feature = "enabled"),
    expect(
        clippy::missing_const_for_fn,
        reason = "with a span they cannot be: the attribute refuses `const`"
    )
)]

use core::cell::Cell;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::{Future, Ready, ready};
use core::panic::Location;
use core::pin::Pin;
use std::panic::resume_unwind;
use std::sync::Mutex;

use futures_util::Stream;
use futures_util::stream::iter;
use prefactor::span;
use prefactor_attribute::{Recording, panic_text, wait};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::yield_now;

/// A boxed future.
type Boxed<'text, Output> = Pin<Box<dyn Future<Output = Output> + Send + 'text>>;

/// Something went wrong.
#[derive(Debug, PartialEq, Eq)]
struct Wrong;

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("wrong")
    }
}

impl Error for Wrong {}

/// Sync, with a value.
#[span("lints:value")]
fn value(text: &str, count: usize) -> usize {
    text.len().saturating_add(count)
}

/// With nothing.
#[span("lints:unit")]
fn unit(cell: &Cell<u8>) {
    cell.set(1);
}

/// Async, with nothing.
#[span("lints:unit_async")]
async fn unit_async(lock: &AsyncMutex<u8>) {
    *lock.lock().await = 2;
}

/// With parameters that nobody uses.
#[span("lints:ignored")]
async fn ignored(_text: &str, _: u8) -> u8 {
    ready(1).await
}

/// With a `mut` parameter.
#[span("lints:mutable")]
async fn mutable(mut items: Vec<u8>) -> Vec<u8> {
    items.push(1);
    yield_now().await;
    items
}

/// As the async one.
#[span("lints:mutable_sync")]
fn mutable_sync(mut items: Vec<u8>, mut more: u8) -> Vec<u8> {
    more = more.saturating_add(1);
    items.push(more);
    items
}

/// With a `Result`.
#[span("lints:result")]
fn result(text: &str) -> Result<u8, Wrong> {
    text.parse().or(Err(Wrong))
}

/// With `?` and an early return.
#[span("lints:early")]
async fn early(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
    if text.is_empty() {
        return Ok(0);
    }
    yield_now().await;
    Ok(result(text)?)
}

/// With patterns.
#[span("lints:patterns")]
fn patterns((left, _right): (u8, u8), [first, .., last]: [u8; 3]) -> [u8; 3] {
    [left, first, last]
}

/// With patterns.
#[span("lints:patterns_async")]
async fn patterns_async((left, mut right): (u8, Vec<u8>)) -> Vec<u8> {
    right.push(left);
    yield_now().await;
    right
}

/// With most options.
#[span(
    "lints:options",
    skip(secret),
    debug(count),
    rename(count = "n"),
    with(text = str::len),
    fields(length = text.len(), twice = %count),
    name = "options",
    root,
    ret(debug),
    err(debug),
    boxed,
    fail_when = Result::is_err
)]
async fn options(text: &str, count: u8, secret: &str) -> Result<u8, Wrong> {
    if text == secret {
        return Err(Wrong);
    }
    yield_now().await;
    Ok(count)
}

/// That does not return.
#[span("lints:never")]
fn never() -> ! {
    resume_unwind(Box::new("never"))
}

/// That does not return either.
#[span("lints:never_async")]
async fn never_async() -> ! {
    yield_now().await;
    never()
}

/// Whose type has no value.
#[span("lints:uninhabited")]
fn uninhabited() -> Infallible {
    resume_unwind(Box::new("uninhabited"))
}

/// The same, awaited.
#[span("lints:uninhabited_async")]
async fn uninhabited_async() -> Infallible {
    yield_now().await;
    uninhabited()
}

/// That knows its caller.
#[span("lints:tracked")]
#[track_caller]
fn tracked(_reason: &str) -> u32 {
    Location::caller().line()
}

/// With a future as its value.
#[span("lints:future")]
async fn future() -> Ready<u8> {
    yield_now().await;
    ready(1)
}

/// With a boxed future.
#[span("lints:boxed")]
fn boxed(text: &str) -> Boxed<'_, usize> {
    Box::pin(async { text.len() })
}

/// With an opaque future.
#[span("lints:opaque")]
fn opaque(text: &str) -> impl Future<Output = Result<usize, Wrong>> + Send {
    ready(Ok(text.len()))
}

/// With a stream.
#[span("lints:stream", err(items))]
fn stream(count: u8) -> impl Stream<Item = Result<u8, Wrong>> + Send + Unpin {
    iter((0..count).map(Ok))
}

/// With an iterator.
#[span("lints:iterator")]
fn iterator(count: u8) -> impl Iterator<Item = u8> {
    0..count
}

/// With a borrowed answer.
#[span("lints:borrowed")]
fn borrowed<'text>(text: &'text str, _other: &str) -> &'text str {
    text.trim()
}

/// With type parameters.
#[span("lints:generic")]
async fn generic<Item, const COUNT: usize>(items: [Item; COUNT]) -> Option<Item>
where
    Item: Send,
{
    yield_now().await;
    items.into_iter().next()
}

/// With a tail of one expression, a tail of a block, and no tail.
#[span("lints:tail")]
fn tail(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// With a lock in the tail.
#[span("lints:lock")]
fn lock(lock: &Mutex<u8>) -> u8 {
    lock.lock().map_or(0, |guard| *guard)
}

/// With methods.
#[derive(Debug, Default)]
struct Agent {
    /// How often it was asked.
    calls: u32,
}

/// With default methods.
trait Tool {
    /// Required.
    fn name(&self) -> &str;

    /// Provided.
    #[span("lints:provided")]
    fn title(&self) -> String {
        self.name().to_uppercase()
    }
}

impl Tool for Agent {
    #[span("lints:implemented")]
    fn name(&self) -> &'static str {
        "agent"
    }
}

impl Agent {
    /// By mutable reference.
    #[span("lints:by_mut")]
    async fn ask(&mut self, prompt: &str) -> usize {
        self.calls = self.calls.saturating_add(1);
        yield_now().await;
        prompt.len()
    }

    /// By value.
    #[span("lints:by_value", fields(calls = self.calls))]
    fn finish(self) -> u32 {
        self.calls
    }

    /// By mutable value.
    #[must_use]
    #[span("lints:by_mut_value")]
    fn called(mut self) -> Self {
        self.calls = 9;
        self
    }
}

#[test]
fn functions_under_the_strictest_lints_run() {
    let run = || {
        let line = line!();
        let mut agent = Agent::default().called();
        let all = wait(async {
            unit(&Cell::new(0));
            let mutex = AsyncMutex::new(0);
            unit_async(&mutex).await;
            let async_ones = (ignored("", 1).await, early("").await.is_ok(), early("x").await.is_err());
            let options = (options("a", 1, "b").await, options("a", 1, "a").await);
            let opaque =
                (future().await.await, opaque("ab").await, boxed("abc").await, generic(['a', 'b']).await);
            let items = futures_util::StreamExt::count(stream(2)).await;
            let patterns = (patterns((1, 2), [3, 4, 5]), patterns_async((1, vec![2])).await);
            (async_ones, options, opaque, items, patterns, agent.ask("ab").await, mutex.into_inner())
        });
        let rest = (
            value("a", 1),
            (wait(mutable(Vec::new())), mutable_sync(Vec::new(), 1)),
            (result("1"), result("x"), tracked("") == line),
            (iterator(2).count(), borrowed(" a ", ""), tail(true), tail(false)),
            lock(&Mutex::new(3)),
            (agent.title(), agent.finish()),
            (panic_text(|| never()), panic_text(|| wait(never_async()))),
            (panic_text(uninhabited), panic_text(|| wait(uninhabited_async()))),
        );
        format!("{all:?} {rest:?}")
    };
    assert_eq!(run(), Recording::shared().in_scope(run), "with a client and without");
}
