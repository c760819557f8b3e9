//! How spans end that do not say it themselves: by the spans below them, and by the function around them.

use std::future::pending;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use prefactor::export::MemoryProcessor;
use prefactor::testing::{Recorder, Trace};
use prefactor::{Client, span};
use prefactor_tracing::layer;
use tracing::field::Empty;
use tracing::instrument::Instrument as _;
use tracing::{Span, info_span, warn};
use tracing_subscriber::layer::SubscriberExt as _;

/// Runs a body under the layer, and gives back what was recorded.
fn recorded(body: impl FnOnce()) -> Trace {
    let recorder = Recorder::new();
    let subscriber = tracing_subscriber::registry().with(layer());
    tracing::subscriber::with_default(subscriber, || recorder.run(body));
    recorder.trace()
}

/// The span of an agent that never records an output, as adk-rust makes it.
fn agent() -> Span {
    info_span!("invoke_agent", gen_ai.operation.name = "invoke_agent")
}

/// The span of an agent that records the sum of its calls at its end, as rig makes it.
fn agent_with_tokens() -> Span {
    info_span!(
        parent: None,
        "invoke_agent",
        gen_ai.operation.name = "invoke_agent",
        gen_ai.completion = Empty,
        gen_ai.usage.input_tokens = Empty
    )
}

fn call() -> Span {
    info_span!("chat", gen_ai.operation.name = "chat", gen_ai.usage.input_tokens = Empty, error.type = Empty)
}

fn answered_call() {
    call().record("gen_ai.usage.input_tokens", 12_u64);
}

fn failed_call() {
    call().record("error.type", "500");
}

fn tool(outcome: &str) {
    drop(info_span!(
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.call.outcome = outcome
    ));
}

#[test]
fn agent_with_a_failed_call_at_its_end_fails_with_it() {
    let trace = recorded(|| {
        agent().in_scope(|| {
            answered_call();
            failed_call();
        });
    });
    trace.assert_outline(&["agent:run failed", "  agent:llm_call complete", "  agent:llm_call failed"]);
    assert_eq!(trace.find("agent:run").error.as_ref().unwrap().error_type, "500");
}

#[test]
fn agent_that_goes_on_after_a_failed_tool_is_complete() {
    let trace = recorded(|| {
        agent().in_scope(|| {
            answered_call();
            tool("error");
            answered_call();
        });
    });
    trace.assert_outline(&[
        "agent:run complete",
        "  agent:llm_call complete",
        "  agent:tool_call failed",
        "  agent:llm_call complete",
    ]);
}

#[test]
fn agent_with_an_output_of_its_own_is_complete_whatever_is_below_it() {
    let trace = recorded(|| {
        let agent = agent_with_tokens();
        agent.in_scope(failed_call);
        agent.record("gen_ai.usage.input_tokens", 12_u64);
    });
    trace.assert_outline(&["agent:run complete", "  agent:llm_call failed"]);
}

#[test]
fn agent_that_goes_on_after_a_call_without_an_answer_is_complete() {
    let trace = recorded(|| {
        agent().in_scope(|| {
            drop(call());
            answered_call();
        });
    });
    trace.assert_outline(&["agent:run complete", "  agent:llm_call cancelled", "  agent:llm_call complete"]);
}

#[test]
fn agent_without_the_tokens_of_its_calls_has_not_come_to_its_end() {
    let given_up = || {
        let agent = agent_with_tokens();
        agent.in_scope(answered_call);
        agent.record("gen_ai.completion", "an answer of the first turn");
    };
    recorded(given_up).assert_outline(&["agent:run cancelled", "  agent:llm_call complete"]);
}

#[test]
fn agent_without_anything_below_it_is_complete() {
    recorded(|| drop(agent_with_tokens())).assert_outline(&["agent:run complete"]);
}

#[test]
fn tool_that_declares_an_outcome_and_has_none_is_cancelled() {
    let trace = recorded(|| {
        drop(info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.call.outcome = Empty
        ));
    });
    trace.assert_outline(&["agent:tool_call cancelled"]);
}

/// An effect of the body of the annotated function, and how the function ends with it.
#[span("agent:answer", skip_all)]
fn answer(body: fn(), error: Option<&'static str>) -> Result<(), String> {
    body();
    error.map_or(Ok(()), |error| Err(error.to_owned()))
}

fn answered(body: fn(), error: Option<&'static str>) -> Trace {
    recorded(|| drop(answer(body, error)))
}

fn agent_with_an_unanswered_call() {
    agent_with_tokens().in_scope(|| drop(call()));
}

#[test]
fn call_without_an_answer_and_its_agent_fail_with_the_function_around_them() {
    let trace = answered(agent_with_an_unanswered_call, Some("the model is away"));
    trace.assert_outline(&["agent:answer failed", "  agent:run failed", "    agent:llm_call failed"]);
    for name in ["agent:answer", "agent:run", "agent:llm_call"] {
        assert_eq!(trace.find(name).error.as_ref().unwrap().message, "the model is away", "{name}");
    }
}

#[test]
fn call_without_an_answer_is_cancelled_where_the_function_around_it_goes_on() {
    let trace = answered(agent_with_an_unanswered_call, None);
    trace.assert_outline(&["agent:answer complete", "  agent:run cancelled", "    agent:llm_call cancelled"]);
}

#[test]
fn call_without_an_answer_is_not_blamed_for_what_came_after_it() {
    let trace = answered(
        || {
            drop(call());
            answered_call();
        },
        Some("the answer is wrong"),
    );
    trace.assert_outline(&["agent:answer failed", "  agent:llm_call cancelled", "  agent:llm_call complete"]);
}

#[test]
fn calls_without_an_answer_beside_each_other_are_cancelled_since_none_is_known_to_have_failed() {
    let trace = answered(
        || {
            let calls = [call(), call(), call()];
            drop(calls);
        },
        Some("one of them failed"),
    );
    let cancelled = ["  agent:llm_call cancelled"; 3];
    trace.assert_outline(&[&["agent:answer failed"][..], &cancelled].concat());
}

#[test]
fn agent_that_ends_after_a_tool_is_as_the_function_around_it() {
    fn body() {
        agent().in_scope(|| {
            answered_call();
            tool("success");
        });
    }
    let below = ["    agent:llm_call complete", "    agent:tool_call complete"];
    for (error, ends) in [
        (Some("too many turns"), ["agent:answer failed", "  agent:run failed"]),
        (None, ["agent:answer complete", "  agent:run complete"]),
    ] {
        answered(body, error).assert_outline(&[ends, below].concat());
    }
    recorded(body).assert_outline(&[
        "agent:run complete",
        "  agent:llm_call complete",
        "  agent:tool_call complete",
    ]);
}

#[test]
fn agent_that_is_dropped_in_a_tool_is_cancelled_with_the_function_around_it() {
    #[span("agent:answer")]
    async fn answer() {
        async {
            answered_call();
            let tool =
                info_span!("tool", gen_ai.operation.name = "execute_tool", gen_ai.tool.call.outcome = Empty);
            pending::<()>().instrument(tool).await;
        }
        .instrument(agent())
        .await;
    }
    let trace = recorded(|| {
        let mut answer = pin!(answer());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(answer.as_mut().poll(&mut context), Poll::Pending);
    });
    trace.assert_outline(&[
        "agent:answer cancelled",
        "  agent:run cancelled",
        "    agent:llm_call complete",
        "    agent:tool_call cancelled",
    ]);
}

#[test]
fn call_that_a_panic_drops_is_cancelled() {
    #[span("agent:answer")]
    fn answer() {
        let _call = call();
        panic!("of something else");
    }
    let trace = recorded(|| drop(std::panic::catch_unwind(answer)));
    trace.assert_outline(&["agent:answer failed", "  agent:llm_call cancelled"]);
}

#[test]
fn call_that_waits_for_its_function_ends_when_it_was_closed() {
    fn body() {
        drop(call());
        let closed = SystemTime::now();
        while SystemTime::now() < closed + Duration::from_millis(2) {}
    }
    let memory = MemoryProcessor::new();
    let recorder = Recorder::with(Client::builder().processor(memory.clone()));
    let subscriber = tracing_subscriber::registry().with(layer());
    let run = || recorder.run(|| answer(body, Some("away")));
    tracing::subscriber::with_default(subscriber, run).unwrap_err();
    recorder.trace().assert_outline(&["agent:answer failed", "  agent:llm_call failed"]);
    let ended = |name| memory.spans().iter().find(|span| span.schema_name == name).unwrap().ended_at.unwrap();
    assert!(ended("agent:llm_call") < ended("agent:answer"));
}

#[test]
fn call_that_closes_after_its_function_is_cancelled() {
    #[span("agent:answer")]
    fn answer() -> Result<(), (String, Span)> {
        Err(("away".to_owned(), call()))
    }
    let trace = recorded(|| drop(answer()));
    trace.assert_outline(&["agent:answer failed", "  agent:llm_call cancelled"]);
}

#[test]
fn agent_in_a_tool_without_a_parent_of_its_own_is_heard_by_its_own_calls() {
    let trace = recorded(|| {
        let tool = info_span!("tool", gen_ai.operation.name = "execute_tool");
        tool.in_scope(|| agent_with_tokens().in_scope(failed_call));
    });
    trace.assert_outline(&["agent:tool_call complete", "  agent:run failed", "    agent:llm_call failed"]);
}

#[test]
fn tool_that_adk_warns_of_is_failed_and_another_one_is_not() {
    let trace = recorded(|| {
        agent().in_scope(|| {
            let of = |name: &'static str| {
                info_span!("", otel.name = "execute_tool", tool.name = name, gen_ai.conversation.id = "1")
            };
            let (first, second) = (of("search"), of("fetch"));
            warn!(target: "adk_agent::llm_agent", { tool.name = "fetch" }, "tool execution failed, retrying");
            warn!(target: "adk_agent::llm_agent", { tool.name = "search", error = "no index" }, "tool_error");
            warn!(target: "somebody_else", { tool.name = "fetch", error = "no net" }, "tool_error");
            drop((first, second));
            answered_call();
        });
    });
    trace.assert_outline(&[
        "agent:run complete",
        "  agent:tool_call failed",
        "  agent:tool_call complete",
        "  agent:llm_call complete",
    ]);
    assert_eq!(trace.find("agent:tool_call").error.as_ref().unwrap().message, "no index");
}
