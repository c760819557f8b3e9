//! The `#[span]` attribute of the `prefactor` crate, which re-exports it.

#![forbid(unsafe_code)]

mod args;
mod check;
mod expand;
mod function;
mod recorded;
mod shape;
mod suggest;
mod template;

use proc_macro::TokenStream;

/// Records each call of a function as a span. Where there is no function to annotate, [`prefactor::span()`](../prefactor/fn.span.html)
/// makes a span by hand.
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
/// The text is the schema name, as `provider:kind`. Without one, `#[span]` uses the path `module::function`.
///
/// **Arguments** are the span's payload, each under its name: through `Serialize` if its type implements that, else through `Debug`.
/// Left out are `self`, arguments whose names begin with an underscore, and values that implement neither trait, such as closures.
/// Skip clients, connections and other handles that implement `Debug`: their text says nothing about the call. Arguments are
/// captured before the body runs, so later changes are not seen. Without a client, no argument is touched.
///
/// **The returned value** decides how the span ends:
///
/// | the function | the span |
/// |---|---|
/// | returns `Ok(value)`, or anything that is not a `Result` | `complete`, with the value as its result |
/// | returns `Err(error)` | `failed`, with the error's type, message and sources |
/// | panics | `failed`, with the panic's message and place; the panic goes on |
/// | is dropped before it is ready (a timeout, a lost `select!`) | `cancelled` |
///
/// The compiler finds a `Result` by its type, under any alias, and within up to two others, `Option`, `Poll`, a reference, `Box`, `Rc`
/// or `Arc`. Tuples, `ControlFlow` and `Either` are values, because no convention says which part is a failure: use `fail_when`.
/// Members that [`Span::set_result`](../prefactor/struct.Span.html#method.set_result) has set stay in the result. A member of the same name
/// that the function returns is sent beside it, with `_returned` added to the name.
///
/// **Spans of functions that are called within are children**, also those that destructors of the arguments call.
///
/// The attribute is for async and sync functions and methods, also within `#[async_trait]`. It does not change a function's
/// behaviour, type, auto traits or compiler messages. It refuses a `const fn`, which may run at compile time.
///
/// # Futures and streams
///
/// | the function | its span starts | and ends |
/// |---|---|---|
/// | `async fn` | at the first poll; a future that is never polled has no span | when the future is ready or dropped |
/// | returns a future: `impl Future` or boxed | at the call | when that future is ready or dropped |
/// | returns a stream: `impl Stream` or boxed, async or not | as above | when the stream ends or is dropped |
///
/// A returned future or stream is followed in a `Result`, in an `Option`, in another future, and with any of `Send`, `Sync` and `Unpin`.
/// Its parent and run are those at the call. It may be polled and dropped anywhere, for example by a web server after the handler has
/// returned. A method under `#[async_trait]` returns a boxed future: `run.scope(tool.call())` calls the method before the scope
/// begins, `run.scope(async { tool.call().await })` within it.
///
/// The result of a stream's span has the number of items, `items`, and the time from the start of the span to the first one,
/// `time_to_first_item_ms`. The first `Err` item makes the span `failed`; later items are still recorded. An item is read by the rules
/// for returned values: for an `Err` in a tuple, as in `Stream<Item = (Key, Result<T, E>)>`, give `stream(fail = …)`.
///
/// ```
/// # use prefactor::span;
/// # use futures_util::stream::{self, Stream};
/// #[span("agent:tokens", ret(items))]
/// async fn tokens(prompt: &str) -> Result<impl Stream<Item = Result<String, std::io::Error>> + use<>, std::io::Error> {
///     # let _ = prompt;
///     Ok(stream::iter([Ok("Because".to_owned()), Ok("…".to_owned())]))
/// }
/// ```
///
/// # Options
///
/// All options stand in the attribute, none on a parameter. Each may be given once.
///
/// ## `skip(a, b)` and `skip_all`
///
/// Leave arguments out, or all of them. What is not recorded anyway may be named: `self`, and names that begin with an underscore.
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
/// Adds members to the payload, or replaces the argument of that name, which is not read then. An expression sees the arguments
/// and `self`. Keys may have dots, or be string literals. As in `tracing`, `%expression` uses `Display` and `?expression` uses `Debug`.
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
/// Capture an argument through `Debug` or `Display`, or as a function of the program gives it for a reference to it.
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
/// ## `rename(a = "name")`, `redact(a)` and `sensitive(a)`
///
/// Put an argument under another name, `"[REDACTED]"` in its place, or the platform's mark for sensitive values around it: the
/// platform stores it apart. [`Sensitive`](../prefactor/struct.Sensitive.html) does that to a part of a value. `rename(a = "name")` and
/// `sensitive(a)` do not compile if the value implements neither `Serialize` nor `Debug`.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:search", rename(q = "query"), redact(session), sensitive(email))]
/// fn search(q: &str, session: &str, email: &str) {
///     # let _ = (q, session, email);
/// }
/// ```
///
/// ## `ret(…)` and `err(…)`
///
/// Returned values and errors are recorded without these options.
///
/// | option | effect |
/// |---|---|
/// | `ret(skip)`, `err(skip)` | leaves the value or the error's text out; the error's type stays |
/// | `ret(debug)`, `err(debug)` | uses `Debug` |
/// | `ret(with = path)` | records the output of a function that gets a reference to the value |
/// | `err(with = path)` | the same for an error: a text or a [`SpanError`](../prefactor/struct.SpanError.html) |
/// | `ret` | does not compile if the value implements neither `Serialize` nor `Debug` |
/// | `err` | does not compile if the function does not return a `Result` |
/// | `ret(items)`, `ret(fold = path)`, `err(items)` | for streams, see below |
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
/// For functions whose failure is not an `Err`. The closure returns `bool`, or `Option` of a message. It cannot capture arguments.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:retrieval", fail_when = |hits| hits.is_empty().then_some("nothing found"))]
/// async fn retrieve(query: &str) -> Vec<String> {
///     # let _ = query;
///     Vec::new()
/// }
/// ```
///
/// ## `usage(with = path)`
///
/// Reads the usage of a model call off the returned value: a function that returns a
/// [`Usage`](../prefactor/struct.Usage.html), or an `Option` of one, for a reference to the value. It is not called for an `Err`.
///
/// ```
/// # use prefactor::{Usage, span};
/// # #[derive(Debug)]
/// struct Completion { text: String, tokens: u64 }
///
/// fn usage_of(completion: &Completion) -> Usage {
///     Usage::new().with_total_tokens(completion.tokens)
/// }
///
/// #[span("agent:llm_call", usage(with = usage_of))]
/// async fn complete(prompt: &str) -> Result<Completion, std::io::Error> {
///     Ok(Completion { text: prompt.to_owned(), tokens: 7 })
/// }
/// ```
///
/// ## `stream(end = …, fail = …, first = …, restart = …)` and `stream(with = …)`
///
/// Closures that look at the items of a stream. Many clients end a stream without a word when an answer breaks off, so `None` alone
/// does not mean that the answer is complete. Give `end` wherever the client has an end marker.
///
/// | rule | the closure returns | effect |
/// |---|---|---|
/// | `end` | whether the item is the end marker | `complete` once it was seen, also when the stream is dropped after it; `failed` with the type `stream_truncated` when the stream ends without it |
/// | `fail` | `bool`, or `Option` of a message | an `Ok` item that stands for a failure makes the span `failed` |
/// | `first` | whether the item counts as the first one | sets `time_to_first_item_ms` |
/// | `restart` | whether the client begins anew with this item | the record so far is dropped |
///
/// The status, in this order: a failure before the end marker, the end marker, the end of the stream, `cancelled`. A failure after
/// the end marker is noted as `error_after_end`.
///
/// Rules that belong to a client are written once: `stream(with = Type)` names a type that implements
/// [`StreamReader`](../prefactor/trait.StreamReader.html) for the items. It has all the rules, may keep state between items, and
/// records the answer and its usage.
///
/// `ret(items)` records the items as `output`: texts joined, others as a list, bounded as one text or list is. The end marker is one of them,
/// and so are items after it; a fold may leave them out. `ret(fold = path)`
/// folds them with a function `fn(&mut A, StreamStep<'_, Item>)`, where `A` implements `Default` and `Serialize`; see
/// [`StreamStep`](../prefactor/enum.StreamStep.html). `err(items)` does not compile if the function does not return a stream.
///
/// ```
/// # use prefactor::{StreamStep, span};
/// # use futures_util::stream::{self, Stream};
/// # #[derive(Clone)]
/// enum Event {
///     Text(&'static str),
///     Stop,
/// }
///
/// fn text(text: &mut String, step: StreamStep<'_, Event>) {
///     match step {
///         StreamStep::Item(Event::Text(chunk)) => text.push_str(chunk),
///         StreamStep::Restart => text.clear(),
///         _ => {}
///     }
/// }
///
/// #[span("agent:answer", stream(end = |event| matches!(event, Event::Stop)), ret(fold = text))]
/// fn answer(prompt: &str) -> impl Stream<Item = Event> + use<> {
///     # let _ = prompt;
///     stream::iter([Event::Text("Because"), Event::Stop])
/// }
/// ```
///
/// Each closure gets a reference to the whole item. Of a stream of `Result`s that is `&Result<T, E>`, also in a fold, as
/// `StreamStep<'_, Result<T, E>>`:
///
/// ```
/// # use prefactor::{StreamStep, span};
/// # use futures_util::stream::{self, Stream};
/// type Chunk = Result<String, std::io::Error>;
///
/// fn is_done(chunk: &Chunk) -> bool {
///     matches!(chunk, Ok(text) if text == "[DONE]")
/// }
///
/// fn text(text: &mut String, step: StreamStep<'_, Chunk>) {
///     match step {
///         StreamStep::Item(Ok(chunk)) if chunk != "[DONE]" => text.push_str(chunk),
///         StreamStep::Restart => text.clear(),
///         _ => {}
///     }
/// }
///
/// #[span(
///     "agent:answer",
///     stream(end = is_done, fail = |chunk| matches!(chunk, Ok(text) if text == "overloaded")),
///     ret(fold = text)
/// )]
/// fn chunks(prompt: &str) -> impl Stream<Item = Chunk> + use<> {
///     # let _ = prompt;
///     stream::iter([Ok("Because".to_owned()), Ok("[DONE]".to_owned())])
/// }
/// # use futures_util::{FutureExt as _, StreamExt as _};
/// # let recorder = prefactor::testing::Recorder::new();
/// # assert_eq!(recorder.run(|| chunks("why")).count().now_or_never(), Some(2));
/// # assert_eq!(recorder.trace().find("agent:answer").result["output"], "Because");
/// ```
///
/// Adapters such as `take` show `None` to their reader and drop the stream inside. Annotate the function outside of the adapter, or
/// give `end`.
///
/// ## `parent = expression`, `instance = expression`, `client = expression`, `root`
///
/// Put the span under a span or context (owned or borrowed), at the top of an agent instance, into the default instance of a client,
/// or at the top of the current run. `None` as a parent changes nothing.
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
/// Adds a name for people beside the schema name: the payload's member `name`. It is cut to 256 characters, as schema names are,
/// and control characters are replaced.
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
/// Boxes the body of an async function, which hides its type. A chain of more than about a dozen annotated functions makes types that
/// the compiler refuses to follow; one box in the chain ends that, and keeps the future small. The future must be `Send`, and
/// is neither `Sync` nor unwind safe. Use `boxed(local)` for one that stays on its thread. Without the feature `enabled` nothing
/// is boxed.
///
/// ```
/// # use prefactor::span;
/// #[span("agent:run", boxed)]
/// async fn run(question: &str) {
///     # let _ = question;
/// }
/// ```
///
/// An async function that awaits itself needs a box in its body, as without the attribute:
///
/// ```
/// # use prefactor::span;
/// #[span("agent:research")]
/// async fn research(depth: u32) -> u32 {
///     match depth {
///         0 => 0,
///         _ => 1 + Box::pin(research(depth - 1)).await,
///     }
/// }
/// # fn is_send<T: Send>(_: T) {}
/// # is_send(research(3));
/// ```
///
/// ## `title`, `template`, `risk(…)`, `result_members(…)` and `schemars(…)`
///
/// Describe the function's spans to the platform ahead of them, with the crate's feature `schemas`; without it these options are
/// checked and have no effect. The description is the first paragraph of the doc comment.
///
/// | option | effect |
/// |---|---|
/// | `title = "…"` | the title that the platform shows in place of the schema name |
/// | `template = "…"` | the Liquid template of the summary, which sees the payload's members and the result's |
/// | `result_members(a, b)` | members of the result that the template may name |
/// | `risk(action = …, params(…), result(…))` | the words of [`DataRisk`](../prefactor/schema/struct.DataRisk.html) |
/// | `schemars(a, return)`, `schemars` | exact schemas of types that implement `schemars::JsonSchema`, with the feature of that name |
///
/// A template compiles only if each name in it is an argument, a field, or a member of the result.
///
/// ```
/// # use prefactor::span;
/// /// Searches the web.
/// #[span(
///     "tool:search",
///     title = "Web search",
///     template = "{{ query }}: {{ hits }} pages",
///     result_members(hits),
///     risk(read_data = allowed, params(classification = internal, personal_identifiers = included))
/// )]
/// async fn search(query: &str) -> Result<Vec<String>, std::io::Error> {
///     # let _ = query;
///     Ok(Vec::new())
/// }
/// ```
///
/// ## `crate = path`
///
/// The path of `prefactor`, where it was renamed or re-exported.
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
/// * **Locks.** A `Mutex` or `RwLock` of `std` that is an argument, a field or a result itself, also behind references, `Arc`, `Rc`,
///   `Box`, `Option` and in each other, is tried: it is recorded as `"<locked>"` where it is held or poisoned. It is held while its
///   value is captured. Locks of tokio and `parking_lot` do not wait either: their `Debug` shows `Mutex { data: <locked> }`.
///   A `Serialize` or `Debug` that takes a lock (serde's for a lock within a struct or list, `parking_lot` with its feature `serde`,
///   `DashMap`) waits for it, for ever if the caller holds it: `skip` such arguments, or use `with`.
/// * **Values that can be shown once.** One that panics when it is shown again, like lazy formatters of iterators, panics in your
///   own code after it was captured: `skip` such arguments, or use `with`.
/// * **Lifetimes.** A type that implements `Serialize` or `Debug` for some lifetimes only is chosen for all of them: `skip` it.
/// * **Names of primitive types.** An argument whose type is written as `str`, `bool`, `char`, a number or a reference to one is captured by
///   `Serialize`: a type of your own with such a name has to implement it, or be `skip`ped.
/// * **Named streams and futures.** The type of a function's return value is not changed. So a named type that is a stream or future,
///   such as a client's own `ChatStream`, an `Either` of two, or `Fuse<impl Stream>`, is a value: return `impl Stream` or a box to have
///   it followed. The same goes for `impl Future + X`, where `X` is not `Send`, `Sync`, `Unpin`, `UnwindSafe` or `Debug`.
/// * **Closures and `impl` blocks.** Stable Rust takes no attribute on a closure: run it in a span made by hand, with
///   [`Span::run_sync`](../prefactor/struct.Span.html#method.run_sync). On an `impl` block the attribute could say neither which
///   methods are spans nor what each is called.
/// * **`fail_when` and streams.** For a `Result` with a stream in it, `fail_when` is not asked: use `stream(fail = …)`.
/// * **Chains** of more than about a dozen annotated async functions need `boxed` in one of them, or a higher `recursion_limit`.
/// * **Patterns.** The parts that a destructuring parameter leaves unbound are dropped after the other arguments.
/// * **Panics.** Of a panic that is resumed (`std::panic::resume_unwind`), or whose message a hook set later keeps to itself, the span
///   says that its message was not seen. Streams have the message in any case.
/// * **Panic hooks.** A value that panics while it is captured is recorded as `"<capture panicked>"`. The panic hooks that were set
///   before the client do not hear of it; one that is set later does, before ours can keep it out: set a hook that ends the process
///   before the client. With `panic = "abort"` nothing contains such a panic.
/// * **`#[track_caller]`.** A value that leaves such a function early by `return` or `?` counts as `complete`, and a future or stream that
///   it returns is not followed.
/// * **`#[expect(clippy::…)]`** on a function, or within it, gives Clippy the function as it was written: many lints do not look into
///   the closure or async block around the body. A variable that only the attribute's options use is unused there.
/// * **`#[expect(unconditional_recursion)]`** is read as `#[allow(…)]`: the compiler does not find such a recursion within a closure.
///
/// # Expansion
///
/// The function keeps its signature. Its body becomes calls into the runtime around the statements as
/// they were written. The first example above turns into this, with the paths shortened:
///
/// ```ignore
/// async fn call_llm(model: &str, prompt: &str) -> Result<String, std::io::Error> {
///     let is_recorded = is_enabled();
///     run_async(
///         is_recorded,
///         || returning!(Result<String, std::io::Error>),
///         async move {
///             if false { return never::<Result<String, std::io::Error>>(); }
///             if is_recorded {
///                 begin_call(&["agent:llm_call", "model", "prompt"]);
///                 put_primitive(&model);
///                 put_primitive(&prompt);
///                 start_span();
///             }
///             ({ Ok("…".into()) })
///         },
///     )
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
