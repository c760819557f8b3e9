//! The whole API, used once. `tests/disabled/main.rs` builds it in both forms and compares what it prints.
#![expect(clippy::print_stdout, reason = "the test compares the output")]

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use prefactor::export::{Batch, ExportFuture, ExportOutcome, SpanExporter, SpanProcessor, SpanRecord};
use prefactor::propagation::{Baggage, RemoteContext};
use prefactor::schema::{DataRisk, NamedSchema, Permission, RiskAction, SchemaRegistry, SpanType};
use prefactor::span_data::AgentSpanData;
use prefactor::{
    Agent, AgentInstance, Client, ClientBuilder, Context, FlushReport, InstanceStatus, RedactionMode,
    Registration, Severity, ShutdownGuard, ShutdownOnSignal, Signal, Span, SpanError, SpanFutureExt as _,
    SpanStatus, Stats, Usage, current_span, custom_span, span, typed_span,
};

/// Counts its events.
struct Meter(u32);

impl SpanProcessor for Meter {
    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        self.0 += u32::from(span.result::<u32>().is_some() && span.schema_name.starts_with("off:"));
    }
}

struct Sink;

impl SpanExporter for Sink {
    fn export(&self, batch: Batch) -> ExportFuture<'_> {
        let ids: Vec<_> = batch.spans().iter().map(|span| span.span_id.to_string()).collect();
        Box::pin(async move {
            if ids.is_empty() { ExportOutcome::accepted() } else { ExportOutcome::retry(None, "later") }
        })
    }
}

/// A type with neither `Serialize` nor `Debug`, as most types of a library.
struct Opaque(u32);

#[span("off:async")]
async fn double(opaque: Opaque, label: &str) -> Result<u32, String> {
    current_span().set_result(&label);
    opaque.0.checked_mul(2).ok_or_else(|| format!("{label} is too large"))
}

#[span("off:sync", skip(secret))]
fn shorten<'a>(text: &'a str, secret: &str) -> &'a str {
    text.strip_suffix(secret).unwrap_or(text)
}

struct Tool {
    calls: u32,
}

impl Tool {
    #[span("off:method", skip_all)]
    async fn call(&mut self, times: u32) -> u32 {
        self.calls += times;
        self.calls
    }
}

fn main() -> Result<(), prefactor::Error> {
    // The client below is disabled, and reads no variable that it does not need.
    if std::env::var_os("PREFACTOR_SPOOL_DIR").is_some() {
        Client::builder().api_url("http://127.0.0.1:4000").api_token("token").build()?;
    }
    let builder: ClientBuilder = Client::builder()
        .api_url("http://127.0.0.1:4000")
        .api_token("token")
        .agent(Agent::new("off"))
        .processor(Meter(0))
        .exporter(Sink)
        .sample_rate_of("off:often", 0.5)
        .keep_failures(true)
        .sdk_entry("prefactor-off@0.1.0")
        .max_queue_operations(10)
        .max_queue_bytes(1_000)
        .request_timeout(Duration::from_secs(1))
        .shutdown_timeout(Duration::from_secs(1))
        .drain_timeout(Duration::from_secs(2))
        .shutdown_on_exit(Duration::from_secs(1))
        .capture_inputs(true)
        .capture_outputs(true)
        .max_input_length(100)
        .max_output_length(100)
        .max_debug_length(100)
        .max_list_numbers(100)
        .sample_rate(1.0)
        .propagate_runs(true)
        .redaction(RedactionMode::Hide)
        .api_token_file("token")
        .api_token_provider(|| Ok("token".to_owned()))
        .terminable(true)
        .read_usage(true)
        .redact(|_, _| None)
        .allow("pin")
        .schemas(schemas()?)
        .disabled(true);
    let guard: ShutdownGuard = builder.install()?;
    let client: &Client = guard.client();
    let instance: AgentInstance = client.register("off");

    println!(
        "{:?} {:?}",
        ready(double(Opaque(4), "four")),
        ready(double(Opaque(u32::MAX), "all").with_current_span())
    );
    println!("{:?}", instance.in_scope(|| shorten("hidden", "den")));
    let mut tool = Tool { calls: 1 };
    println!("{:?}", ready(instance.run_value(tool.call(2))));
    println!("{:?}", ready(instance.scope(tool.call(3))));
    println!("{:?}", ready(instance.run(double(Opaque(u32::MAX), "tried"))));
    spans(&instance);
    processes(client);
    println!("{:?} {:?}", client.processor_stats(), client.processor_health());
    let mut carrier = BTreeMap::new();
    Baggage::new().with("city", "New York").inject(&mut carrier);
    println!("{carrier:?} {:?}", Baggage::extract(&carrier).get("city"));
    let made = instance.create_span("off:open", &1);
    instance.record_quality("rating", Some(&1));
    instance.raise_alert("budget", Severity::Info, &1);
    instance.clear_alert("budget");
    instance.terminate("why not");
    let trace = client.trace("workflow").group_id("g").metadata(&1).disabled(false).start();
    println!("{made:?} {:?} {:?}", client.attach("id").id(), trace.id());
    println!("{:?}", ready(prefactor::run(Registration::new("off").with_tag("t"), double(Opaque(1), "run"))));
    println!("{:?} {:?} {:?}", instance.id(), instance.termination(), client.default_instance().trace_id());
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    let made = instance.create_span_at("off:open", &1, epoch);
    if let Some(made) = &made {
        instance.finish_span_at(made, SpanStatus::Complete, &1, epoch);
    }
    println!("{made:?}");
    prefactor::adapters::announce("off", "0.1.0");
    instance.start_at(epoch);
    instance.start();
    instance.finish_at(InstanceStatus::Complete, epoch);
    instance.finish(InstanceStatus::Complete);
    let stats: Stats = client.stats();
    let report: FlushReport = client.flush(Duration::ZERO);
    println!("{stats} {report} {}", client.is_enabled());
    println!("{}", ready(client.flush_async(Duration::ZERO)));
    println!("{}", ready(client.shutdown_async(Duration::ZERO)));
    let signal: ShutdownOnSignal = client.shutdown_on_signal()?;
    println!(
        "{}",
        pin!(signal).poll(&mut Task::from_waker(Waker::noop())).map(Signal::exit_code).is_pending()
    );
    println!("{}", guard.shutdown(Duration::ZERO));
    Ok(())
}

fn schemas() -> Result<SchemaRegistry, prefactor::Error> {
    let any = BTreeMap::from([("type", "object")]);
    let risk = DataRisk::new().action(RiskAction::ReadData, Permission::Allowed);
    let mut schemas = SchemaRegistry::new();
    schemas
        .add(
            SpanType::new("off:async")
                .title("Double")
                .template("{{ label }}")
                .params(&any)
                .result(&any)
                .data_risk(risk),
        )?
        .add_quality(NamedSchema::new("rating").schema(&any).description("How good"))?
        .add_alert(NamedSchema::new("budget"))?
        .add_tool("acme", "search", "search", &any)?;
    let again = schemas.clone();
    schemas.merge(again)?.set_external_identifier("off-1");
    let names: Vec<_> = schemas.types().map(SpanType::name).collect();
    let titles =
        schemas.get("off:async").map(|of| (of.title_text(), of.template_text(), of.risk().is_some()));
    println!(
        "{names:?} {titles:?} {:?} {}",
        schemas.tools().collect::<Vec<_>>(),
        schemas.external_identifier()
    );
    println!("{} {} {}", schemas.qualities().count(), schemas.alerts().count(), schemas.is_empty());
    println!("{}", schemas.add(SpanType::new("off:async")).is_err_and(|error| error.is_configuration()));
    Ok(schemas)
}

fn processes(client: &Client) {
    let mut headers = BTreeMap::from([("traceparent".to_owned(), "nonsense".to_owned())]);
    Context::current().inject(&mut headers);
    Context::current().inject_env(&mut Command::new("child"));
    let caller = RemoteContext::extract(&headers);
    let joined = caller.as_ref().and_then(|caller| client.join(caller));
    println!("{headers:?} {caller:?} {}", joined.is_none());
    if let Some(caller) = &caller {
        println!("{:?}", client.register_linked("off", caller).id());
    }
    let thread = prefactor::thread::spawn(Context::current().wrap(|| 6));
    println!("{:?}", thread.join().ok());
}

fn spans(instance: &AgentInstance) {
    let prepared: Span = span("off:manual").with_default_payload(&1);
    let entered = prepared.start_as_current(&"payload");
    prepared.set_result(&[1, 2]);
    prepared.set_output(&"output");
    prepared.set_error("text");
    prepared.set_error(SpanError::new("text").with_type("Type").with_data(&1));
    drop(entered);
    let facts = (
        prepared.id(),
        prepared.trace_id(),
        prepared.parent_id(),
        prepared.started_at(),
        prepared.ended_at(),
    );
    println!(
        "{facts:?} {:?} {:?} {:?}",
        prepared.status(),
        prepared.schema_name(),
        prepared.error().is_some()
    );
    prepared.set_usage(&Usage::new().with_model("m"));
    prepared.add_event("event", &1);
    prepared.record("later", &2);
    prepared.set_status(SpanStatus::Failed);
    let at = std::time::SystemTime::UNIX_EPOCH;
    let child = prepared.child("off:child");
    child.start_at(&1, at);
    child.complete_at(&1, at);
    child.fail_at(&1, at);
    child.finish_at(at);
    println!(
        "{:?} {:?}",
        ready(span("off:run").run(async { Ok::<_, String>(1) })),
        span("off:run").run_sync(|| Err::<(), _>("no"))
    );
    println!("{} {}", ready(span("off:run").run_value(async { 2 })), span("off:run").run_value_sync(|| 3));
    let typed = typed_span(AgentSpanData::new("a"));
    typed.update(|data| data.name.push('b'));
    typed.start_marked().finish();
    println!("{}", typed.span_data().name);
    prepared.complete(&());
    prepared.clone().finish();
    custom_span("custom", &1).fail(&"why");
    instance.span("off:placed").cancel();
    let in_span = ready(async { 1 }.with_span(&prepared))
        + ready(prepared.scope(async { 2 }))
        + prepared.in_scope(|| 3);
    let _entered = prepared.enter();
    let in_context = Context::current().in_scope(|| 4) + ready(prepared.context().scope(async { 5 }));
    println!("{in_span} {in_context} {}", current_span().is_noop());
}

/// Polls once, because nothing here ever waits.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("there is nothing to wait for"),
    }
}
