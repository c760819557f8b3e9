//! The layer's spans from those that rig, genai and adk-rust make.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use prefactor::span;
use prefactor::testing::{Recorder, Trace};
use prefactor_tracing::{LayerBuilder, layer};
use tracing::field::Empty;
use tracing::instrument::Instrument as _;
use tracing::{Level, error, info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// Runs a body under the layer, and gives back what was recorded.
fn recorded(body: impl FnOnce()) -> Trace {
    recorded_by(LayerBuilder::default(), body)
}

fn recorded_by(builder: LayerBuilder, body: impl FnOnce()) -> Trace {
    let recorder = Recorder::new();
    let subscriber = tracing_subscriber::registry().with(builder.build());
    tracing::subscriber::with_default(subscriber, || recorder.run(body));
    recorder.trace()
}

fn chat() -> tracing::Span {
    info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.request.model = Empty,
        gen_ai.response.model = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.output.messages = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

fn answer(span: &tracing::Span) {
    span.record("gen_ai.request.model", "small-1");
    span.record("gen_ai.response.model", "small-1-2026");
    span.record("gen_ai.usage.input_tokens", 12_u64);
    span.record("gen_ai.usage.output_tokens", 30_i64);
}

#[test]
fn model_call_has_kind_title_tokens_and_model() {
    let trace = recorded(|| {
        let span = chat();
        span.in_scope(|| span.record("gen_ai.request.model", "small-1"));
        answer(&span);
        span.record("gen_ai.output.messages", r#"[{"role":"assistant"}]"#);
    });
    trace.assert_outline(&["agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.payload["name"], "chat small-1");
    assert_eq!(call.payload["gen_ai.request.model"], "small-1");
    assert_eq!(call.result["token_usage"]["prompt_tokens"], 12);
    assert_eq!(call.result["token_usage"]["completion_tokens"], 30);
    assert_eq!(call.result["model"], "small-1-2026");
    assert_eq!(call.result["gen_ai.output.messages"][0]["role"], "assistant");
}

#[test]
fn tokens_recorded_as_text_and_twice_count_once() {
    let trace = recorded(|| {
        let span = chat();
        span.record("gen_ai.usage.input_tokens", "7");
        span.record("gen_ai.usage.input_tokens", 9_u64);
        span.record("gen_ai.usage.output_tokens", tracing::field::debug("4"));
        span.record("gen_ai.usage.output_tokens", "5");
    });
    let usage = &trace.find("agent:llm_call").result["token_usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&9.into(), &5.into()));
}

#[test]
fn spans_nest_in_both_directions() {
    #[span("tool:look_up")]
    fn look_up(word: &str) -> usize {
        let inner = info_span!("embeddings", gen_ai.operation.name = "embeddings");
        inner.in_scope(|| word.len())
    }
    let trace = recorded(|| {
        let agent = info_span!(parent: None, "invoke_agent", gen_ai.operation.name = "invoke_agent");
        span("agent:outer").in_scope(|| {
            let agent = info_span!(parent: None, "invoke_agent", gen_ai.operation.name = "invoke_agent");
            let call =
                info_span!(parent: &agent, "chat", gen_ai.operation.name = "chat", gen_ai.response.id = "r");
            drop(call);
            agent.in_scope(|| {
                let tool = info_span!(
                    "execute_tool",
                    gen_ai.operation.name = "execute_tool",
                    gen_ai.tool.name = "look"
                );
                tool.in_scope(|| look_up("word"));
            });
        });
        drop(agent);
    });
    trace.assert_outline(&[
        "agent:run complete",
        "agent:outer complete",
        "  agent:run complete",
        "    agent:llm_call complete",
        "    agent:tool_call complete",
        "      tool:look_up complete",
        "        agent:embeddings complete",
    ]);
    assert_eq!(trace.find("agent:tool_call").payload["name"], "execute_tool look");
}

#[test]
fn span_given_by_hand_wins_over_the_one_that_is_entered() {
    let trace = recorded(|| {
        let first = info_span!("first", gen_ai.operation.name = "invoke_workflow");
        let second = info_span!("second", gen_ai.operation.name = "invoke_agent");
        second.in_scope(|| {
            drop(info_span!(parent: &first, "embeddings", gen_ai.operation.name = "embeddings"));
        });
        drop(first);
    });
    trace.assert_outline(&["tracing:first complete", "  agent:embeddings complete", "agent:run complete"]);
}

#[tokio::test(flavor = "current_thread")]
async fn futures_keep_their_own_place_while_they_wait_beside_each_other() {
    #[span("tool:step")]
    async fn step(number: u32) -> u32 {
        tokio::task::yield_now().await;
        number
    }
    let recorder = Recorder::new();
    let subscriber = tracing_subscriber::registry().with(layer());
    let _default = tracing::subscriber::set_default(subscriber);
    let agent = |name: &'static str| {
        let span =
            info_span!("invoke_agent", gen_ai.operation.name = "invoke_agent", gen_ai.agent.name = name);
        async {
            step(1).await;
            step(2).await;
        }
        .instrument(span)
    };
    recorder.run_async(async { tokio::join!(agent("a"), agent("b")) }).await;
    recorder.trace().assert_outline(&[
        "agent:run complete",
        "  tool:step complete",
        "  tool:step complete",
        "agent:run complete",
        "  tool:step complete",
        "  tool:step complete",
    ]);
}

#[test]
fn failures_are_told_in_each_of_the_ways() {
    let ways: [(&str, fn()); 5] = [
        ("error.type", || {
            chat().record("error.type", "500");
        }),
        ("status in lower case", || {
            chat().record("otel.status_code", "error");
        }),
        ("tool's outcome", || {
            drop(info_span!(
                "execute_tool",
                gen_ai.operation.name = "execute_tool",
                gen_ai.tool.call.outcome = "error"
            ));
        }),
        ("an error event of the span's target", || {
            let span = chat();
            answer(&span);
            span.in_scope(|| error!("the model is away"));
        }),
        ("a field named error", || {
            drop(info_span!("execute_tool", gen_ai.operation.name = "execute_tool", error = "no such file"));
        }),
    ];
    for (way, body) in ways {
        let trace = recorded(body);
        assert_eq!(trace.roots[0].status.to_string(), "failed", "{way}");
        assert!(trace.roots[0].error.is_some(), "{way}");
    }
    let quiet = recorded(|| {
        let span = chat();
        answer(&span);
        span.in_scope(|| error!(target: "hyper", "connection closed"));
    });
    quiet.assert_outline(&["agent:llm_call complete"]);
}

#[test]
fn model_call_that_closes_without_an_answer_is_cancelled() {
    recorded(|| drop(chat())).assert_outline(&["agent:llm_call cancelled"]);
}

#[test]
fn span_that_is_never_entered_takes_its_time_from_creation_to_close() {
    let trace = recorded(|| {
        let span = chat();
        answer(&span);
        drop(span);
    });
    trace.assert_outline(&["agent:llm_call complete"]);
}

#[test]
fn other_spans_and_events_are_recorded_by_choice_only() {
    let body = || {
        info_span!("plain").in_scope(|| {
            let span = chat();
            answer(&span);
            span.in_scope(|| info!(attempt = 2, "retry"));
        });
    };
    recorded(body).assert_outline(&["agent:llm_call complete"]);
    let all = LayerBuilder::default().spans(|metadata| metadata.name() == "plain").events(LevelFilter::INFO);
    let trace = recorded_by(all, body);
    trace.assert_outline(&["tracing:plain complete", "  agent:llm_call complete"]);
    let events = &trace.find("agent:llm_call").result["events"];
    assert_eq!(events[0]["name"], "retry");
    assert_eq!(events[0]["data"]["attempt"], 2);
}

#[test]
fn bodies_and_connections_of_foreign_crates_are_not_recorded() {
    let everything = LayerBuilder::default().spans(|_| true).events(LevelFilter::TRACE);
    let trace = recorded_by(everything, || {
        info_span!(target: "rmcp::service", "serve_inner").in_scope(|| {
            let span = chat();
            answer(&span);
            span.in_scope(|| tracing::event!(target: "rig::completions", Level::TRACE, "the whole request"));
        });
    });
    trace.assert_outline(&["agent:llm_call complete"]);
    assert!(trace.find("agent:llm_call").result.get("events").is_none());
}

#[test]
fn secrets_in_fields_are_redacted() {
    let trace = recorded(|| {
        drop(info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            api_key = "sk-live-0123456789abcdef0123"
        ));
    });
    assert_eq!(trace.find("agent:tool_call").payload["api_key"], "[REDACTED]");
}

#[test]
fn spans_without_a_client_are_not_recorded() {
    let subscriber = tracing_subscriber::registry().with(layer());
    tracing::subscriber::with_default(subscriber, || {
        chat().in_scope(|| assert!(prefactor::Span::current().is_noop()));
    });
}

#[test]
fn question_about_something_else_costs_no_span() {
    let other = tracing::Dispatch::new(tracing_subscriber::registry());
    let trace = recorded(|| {
        let _ = tracing::enabled!(Level::INFO);
        let span = chat();
        answer(&span);
    });
    trace.assert_outline(&["agent:llm_call complete"]);
    drop(other);
}

/// Counts the spans that are opened for ours.
#[derive(Clone, Default)]
struct OfOurs(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for OfOurs {
    fn on_new_span(&self, of: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        if of.metadata().target() == "prefactor" {
            self.0.fetch_add(1, Relaxed);
        }
    }
}

#[test]
fn no_span_of_tracing_is_opened_by_itself() {
    let (opened, recorder) = (OfOurs::default(), Recorder::new());
    let subscriber = tracing_subscriber::registry().with(layer()).with(opened.clone());
    tracing::subscriber::with_default(subscriber, || recorder.run(|| span("agent:run").in_scope(|| {})));
    recorder.trace().assert_outline(&["agent:run complete"]);
    assert_eq!(opened.0.load(Relaxed), 0);
}
