//! The `#[span]` attribute of the `prefactor` crate, which re-exports it.

#![forbid(unsafe_code)]

mod args;
mod check;
mod expand;
mod function;
mod suggest;

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
/// | panics | `failed`, with the panic's message and place; the panic goes on |
/// | is dropped before it is ready (a timeout, a lost `select!`) | `cancelled` |
///
/// A `Result` is found by its type, under any alias. Spans of functions that are called within are children.
/// An async function's span starts when the future is first polled. When no client is installed, no argument is
/// touched.
///
/// It goes on async and sync functions and methods, on functions that return `impl Future`, boxed futures,
/// `impl Stream` or boxed streams, and on methods within `#[async_trait]`. The function's type, its `Send`-ness, its
/// values and the compiler's messages about its body stay what they are. Whether the client or the feature
/// `enabled` is there makes no difference to what it does.
///
/// Arguments are read before the body runs, so a later change is not seen. Those whose names begin with an underscore
/// are left out, like `self`. In a `const fn` there is nothing to record; it is refused.
///
/// # Futures and streams
///
/// The span of a function that returns a future starts when that future is first polled and ends with it; its
/// arguments are read at the call. The span of a function that returns a stream, async or not, ends when the
/// stream ends, is `cancelled` when it is dropped early, and has the number of items and the time to the first
/// one, in milliseconds, as its result. A stream within a `Result` is a value: its span ends with the function.
///
/// ```
/// # use prefactor::span;
/// # use futures_util::stream::{self, Stream};
/// #[span("agent:tokens", err(items))]
/// fn tokens(prompt: &str) -> impl Stream<Item = Result<String, std::io::Error>> {
///     # let _ = prompt;
///     stream::iter([Ok("Because".to_owned()), Ok("…".to_owned())])
/// }
/// ```
///
/// # Options
///
/// All of them stand in the attribute, none on a parameter. Each may be given once.
///
/// ## `skip(a, b)` and `skip_all`
///
/// Leave arguments out, or all of them.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:login", skip(password))]
/// async fn login(user: &str, password: &str) -> bool {
///     # user != password
/// }
/// ```
///
/// ## `fields(key = expression, …)`
///
/// Adds members to the payload, or replaces the argument of that name. An expression sees the arguments and `self`. Keys may
/// have dots, or be string literals. As in `tracing`, `%expression` goes by `Display` and `?expression` by `Debug`.
///
/// ```
/// # use prefactor::span;
/// # struct Request { model: String, tokens: Vec<u32> }
/// #[span("agent:llm_call", skip(request), fields(model = request.model, "gen_ai.request.tokens" = request.tokens.len()))]
/// async fn complete(request: &Request) {
///     # let _ = request;
/// }
/// ```
///
/// ## `debug(a)`, `display(a)`, `with(a = path)`
///
/// Capture an argument by its `Debug` or `Display`, or by what a function makes of a reference to it.
///
/// ```
/// # use prefactor::span;
/// fn length(prompt: &String) -> usize {
///     prompt.len()
/// }
///
/// #[span("agent:plan", display(goal), with(prompt = length))]
/// fn plan(goal: std::net::IpAddr, prompt: String) {
///     # let _ = (goal, prompt);
/// }
/// ```
///
/// ## `rename(a = "name")` and `redact(a)`
///
/// Put an argument under another name, or `"[REDACTED]"` in its place.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:search", rename(q = "query"), redact(session))]
/// fn search(q: &str, session: &str) {
///     # let _ = (q, session);
/// }
/// ```
///
/// ## `ret(…)` and `err(…)`
///
/// Returned values and errors are recorded without being asked for. `ret(skip)` and `err(skip)` leave them out (an
/// error's type stays), `ret(debug)` and `err(debug)` go by `Debug`, `ret(with = path)` and `err(with = path)` by what a
/// function makes of a reference; for an error that is a text or a [`SpanError`](../prefactor/struct.SpanError.html).
/// Without parentheses, `ret` demands that the value can be shown by `Serialize` or `Debug`, and `err` that the function
/// returns a `Result`: it does not compile otherwise. `err(items)` fails the span of a stream at its first `Err` item.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:fetch", ret(with = Vec::len), err)]
/// async fn fetch(url: &str) -> Result<Vec<u8>, std::io::Error> {
///     # let _ = url;
///     Ok(vec![1, 2, 3])
/// }
/// ```
///
/// ## `fail_when = |value| …`
///
/// For functions whose failure is not an `Err`: the span is `failed` when the closure says so. It cannot capture
/// arguments.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:retrieval", fail_when = |hits| hits.is_empty())]
/// async fn retrieve(query: &str) -> Vec<String> {
///     # let _ = query;
///     Vec::new()
/// }
/// ```
///
/// ## `parent = expression`, `instance = expression`, `client = expression`, `root`
///
/// Put the span under a span or context, at the top of an agent instance, into the default instance of a client, or at
/// the top of the current run. `None` as a parent changes nothing.
///
/// ```
/// # use prefactor::{Span, span};
/// #[span("agent:tool_call", parent = caller, skip(caller))]
/// fn call_tool(caller: &Span, name: &str) {
///     # let _ = (caller, name);
/// }
/// ```
///
/// ## `name = "…"`
///
/// A name for people, beside the schema name: the payload's member `name`.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:llm_call", name = "Summarise the findings")]
/// async fn summarise(findings: &[String]) {
///     # let _ = findings;
/// }
/// ```
///
/// ## `boxed` and `boxed(local)`
///
/// Boxes the body of an async function, and hides its type. Chains of a dozen awaits and more make types that the
/// compiler refuses to follow; one box in the chain ends that, and keeps the future small. The future must be `Send`;
/// one that stays on its thread, or awaits itself, says `boxed(local)`. Without the feature `enabled` nothing is boxed.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:run", boxed)]
/// async fn run(question: &str) {
///     # let _ = question;
/// }
/// ```
///
/// ## `crate = path`
///
/// Where `prefactor` is found when it was renamed or re-exported.
///
/// ```
/// # mod telemetry { pub use prefactor; }
/// # use prefactor::span;
/// #[span("agent:plan", crate = crate::telemetry::prefactor)]
/// fn plan(goal: &str) {
///     # let _ = goal;
/// }
/// # fn main() {}
/// ```
///
/// # Limits
///
/// * A type that has `Serialize` or `Debug` for some lifetimes only is chosen for all of them: `skip` it.
/// * A chain of more than about a dozen annotated async functions needs `boxed` in it, or a higher `recursion_limit`.
/// * What a destructuring parameter leaves unbound is dropped after the other arguments.
/// * Of a panic that is resumed (`std::panic::resume_unwind`), or whose message a hook set later keeps to itself, the span
///   says that its message was not seen. Futures and streams that a function returns have the message in any case.
/// * In a `#[track_caller]` function, what leaves the body early by `return` or `?` counts as `complete`, and a future or
///   stream that it returns is not followed. Neither is one that promises more than `Send`, `Sync`, `Unpin` and `Debug`.
///
/// # Expansion
///
/// The function keeps its signature. Its body becomes calls into the runtime around the statements as
/// they were written. The first example above turns into this, with the paths shortened:
///
/// ```ignore
/// async fn call_llm(model: &str, prompt: &str) -> Result<String, std::io::Error> {
///     let is_recorded = is_anybody_there();
///     Instrumented {
///         future: async move {
///             if let Some(never) = None::<Result<String, std::io::Error>> { return never; }
///             if is_recorded {
///                 begin(&Callsite { schema_name: "agent:llm_call", arguments: &["model", "prompt"] });
///                 argument(&model).put();
///                 argument(&prompt).put();
///                 start();
///             }
///             ({ Ok("…".into()) })
///         },
///         span: OpenSpan::new(is_recorded),
///         end: ways::<Result<String, std::io::Error>>().end(),
///     }
///     .await
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
