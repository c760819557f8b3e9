//! Tests an agent without a server: what it called, with what, in which order, and how each call ended.
//!
//! ```text
//! cargo run --example testing
//! cargo test --example testing
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use prefactor::testing::Recorder;
use prefactor::{Span, Usage, span};

#[span("agent:answer")]
async fn answer(question: &str) -> Result<String, String> {
    let hits = search(question)?;
    if hits.is_empty() {
        Span::current().add_event("gave_up", &serde_json::json!({ "why": "nothing was found" }));
        return Err("nothing was found".into());
    }
    Ok(ask(question, &hits).await)
}

#[span("tool:search")]
fn search(query: &str) -> Result<Vec<String>, String> {
    match query.trim() {
        "" => Err("an empty query".into()),
        "unknown" => Ok(Vec::new()),
        query => Ok(vec![format!("a page about {query}")]),
    }
}

#[span("agent:llm_call")]
async fn ask(prompt: &str, pages: &[String]) -> String {
    Span::current()
        .set_usage(&Usage::new().with_model("small-1").with_input_tokens(12).with_output_tokens(3));
    format!("{prompt}: {}", pages.join(", "))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let recorder = Recorder::new();
    for question in ["spans", "unknown", ""] {
        let answer = recorder.run_async(answer(question)).await;
        println!("{question:?}: {answer:?}");
    }
    print!("{}", recorder.trace());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn answer_searches_and_then_asks_the_model() {
        let recorder = Recorder::new();
        assert_eq!(recorder.run_async(answer("spans")).await.as_deref(), Ok("spans: a page about spans"));

        let trace = recorder.trace();
        trace.assert_outline(&[
            "agent:answer complete",
            "  tool:search complete",
            "  agent:llm_call complete",
        ]);
        let ask = trace.find("agent:llm_call");
        assert_eq!(ask.payload["pages"], json!(["a page about spans"]));
        assert_eq!(ask.result["token_usage"]["total_tokens"], 15);
    }

    #[tokio::test]
    async fn answer_gives_up_where_nothing_is_found() {
        let recorder = Recorder::new();
        assert!(recorder.run_async(answer("unknown")).await.is_err());

        let trace = recorder.trace();
        trace.assert_outline(&["agent:answer failed", "  tool:search complete"]);
        let answer = trace.find("agent:answer");
        assert_eq!(answer.events[0].name, "gave_up");
        assert_eq!(answer.error.as_ref().map(|error| error.message.as_str()), Some("nothing was found"));
    }
}
