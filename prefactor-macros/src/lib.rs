//! The `#[span]` attribute of the `prefactor` crate, which re-exports it.

mod args;
mod check;
mod expand;
mod function;
mod nearest;

use proc_macro::TokenStream;

/// Makes each call of a function a span.
///
/// ```
/// # mod demo {
/// use prefactor::span;
///
/// #[span("agent:llm_call")]
/// async fn call_llm(model: &str, prompt: &str) -> Result<String, std::io::Error> {
///     # let (_, _) = (model, prompt);
///     Ok("…".into())
/// }
/// # }
/// ```
///
/// The text names the kind of work, as `provider:kind`. The arguments are the span's payload, each under its
/// name: by its `Serialize` if the type has it, else by its `Debug`, else the name of its type. `self` is left out.
/// The returned value decides how the span ends:
///
/// | the function | the span |
/// |---|---|
/// | returns `Ok(value)`, or anything that is not a `Result` | `complete`, with the value as its result |
/// | returns `Err(error)` | `failed`, with the error's type, message and sources |
/// | panics | `failed`, with the panic's message; the panic goes on |
/// | is dropped before it is ready (a timeout, a lost `select!`) | `cancelled` |
///
/// A `Result` is found by its type, under any alias. Spans of functions that are called within are children.
/// An async function's span starts when the future is first polled. When no client is installed, no argument is
/// touched.
///
/// # Options
///
/// `skip(a, b)` leaves arguments out, `skip_all` leaves all of them out:
///
/// ```
/// # use prefactor::span;
/// #[span("agent:login", skip(password))]
/// async fn login(user: &str, password: &str) { /* … */ }
/// ```
///
/// `crate = path` says where `prefactor` is found when it was renamed or re-exported:
///
/// ```
/// # mod telemetry { pub use prefactor; }
/// # use prefactor::span;
/// #[span("agent:plan", crate = crate::telemetry::prefactor)]
/// fn plan(goal: &str) { /* … */ }
/// # fn main() {}
/// ```
///
/// # Expansion
///
/// The function keeps its signature. Its body becomes two calls into the runtime around the statements as
/// they were written. The first example above turns into this, with the paths shortened:
///
/// ```ignore
/// async fn call_llm(model: &str, prompt: &str) -> Result<String, std::io::Error> {
///     prepare(const { &Callsite::new("agent:llm_call") })
///         .run(
///             async move {
///                 if let Some(never) = none::<Result<String, std::io::Error>>() { return never; }
///                 arguments(|arguments| {
///                     arguments.insert("model", (&&&Probe(&model)).captured());
///                     arguments.insert("prompt", (&&&Probe(&prompt)).captured());
///                 });
///                 { Ok("…".into()) }
///             },
///             |returned| match (&&Returned(returned)).split() {
///                 Ok(value) => Outcome::Complete((&&&Probe(value)).captured()),
///                 Err(error) => Outcome::Failed((&&&&&&Probe(error)).failure()),
///             },
///         )
///         .await
/// }
/// ```
///
/// Without the crate's feature `enabled` the function is emitted as it was written.
#[proc_macro_attribute]
pub fn span(args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    match expand::span(args.into(), item.clone()) {
        Ok(expanded) => expanded.into(),
        Err(error) => expand::fallback(&error, &item).into(),
    }
}
