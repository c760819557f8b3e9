//! An agent whose model is called by a crate that describes its work by `tracing` spans.
//!
//! `cargo run -p prefactor-tracing --example agent`

use prefactor::span;
use prefactor::testing::Recorder;
use prefactor_tracing::layer;
use tracing_subscriber::layer::SubscriberExt as _;

/// Does the work of a model client such as rig or genai.
mod model {
    use tracing::field::Empty;

    pub(crate) fn ask(prompt: &str) -> String {
        let call = tracing::info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "small-1",
            gen_ai.response.model = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
        );
        let answer = call.in_scope(|| prompt.to_uppercase());
        call.record("gen_ai.response.model", "small-1-2026");
        call.record("gen_ai.usage.input_tokens", 12);
        call.record("gen_ai.usage.output_tokens", 3);
        answer
    }
}

#[span("agent:answer")]
fn answer(question: &str) -> String {
    model::ask(question)
}

#[expect(clippy::print_stdout, reason = "an example prints its spans")]
fn main() {
    let subscriber = tracing_subscriber::registry().with(layer());
    let recorder = Recorder::new();
    tracing::subscriber::with_default(subscriber, || recorder.run(|| answer("why")));
    let trace = recorder.trace();
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    println!("{}: {}", call.payload["name"], call.result["token_usage"]);
}
