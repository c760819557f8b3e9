//! The tree on the console.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use prefactor::export::ConsoleProcessor;
use prefactor::{Client, InstanceStatus, span};
use serde_json::{Value, json};

use crate::support::TIMEOUT;

#[derive(Clone, Default)]
pub(crate) struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    /// Returns the text on it, with each duration replaced: durations differ from run to run.
    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let line = |line: &str| {
            let words: Vec<_> = line
                .split("  ")
                .map(|word| if word.ends_with(" ms") || word.ends_with(" s") { "TIME" } else { word })
                .collect();
            words.join("  ")
        };
        text.lines().map(|text| line(text) + "\n").collect()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[span("agent:run")]
fn run() -> Result<Value, String> {
    drop(ask("why"));
    search("secret canary")
}

#[span("agent:llm_call")]
fn ask(prompt: &str) -> Value {
    json!({ "text": prompt, "model": "m-1", "token_usage": { "prompt_tokens": 40, "completion_tokens": 2 } })
}

#[span("tool:search")]
fn search(query: &str) -> Result<Value, String> {
    Err(format!("{}\u{1b}[2J\nforged", query.len()))
}

#[test]
fn run_is_shown_as_a_tree_with_durations_tokens_and_failures_and_no_content() {
    let screen = Screen::default();
    let client = Client::builder().processor(ConsoleProcessor::to(screen.clone(), false)).build().unwrap();
    let instance = client.register("researcher");
    assert!(instance.in_scope(run).is_err());
    instance.finish(InstanceStatus::Failed);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let text = screen.text();
    let (first, rest) = text.split_once('\n').unwrap();
    let id = first
        .strip_prefix("researcher  ")
        .filter(|id| id.len() == 8)
        .expect("the run's line ends with its id");
    let error = r"String: 13\u{1b}[2J\u{a}forged";
    let error = if rest.contains("alloc::string::String") {
        error.replace("String:", "alloc::string::String:")
    } else {
        error.to_owned()
    };
    let expected = format!(
        "  agent:run\n    agent:llm_call m-1  TIME  42 tokens\n    tool:search  TIME  failed  {error}\n  = agent:run  TIME  failed  \
         {error}\n= researcher  {id}  3 spans, 42 tokens, 2 failed  failed\n"
    );
    assert_eq!(rest, expected, "{text}");
}

#[test]
fn runs_at_the_same_time_have_ids_of_their_own() {
    let screen = Screen::default();
    let client = Client::builder().processor(ConsoleProcessor::to(screen.clone(), false)).build().unwrap();
    for _ in 0..5 {
        client.register("web").span("agent:step").complete(&json!({}));
    }
    assert!(client.shutdown(TIMEOUT).is_complete);
    let text = screen.text();
    let ids = |start: &str, end: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix(start)?.strip_suffix(end));
        lines.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let closed = ids("= web  ", "  1 span");
    assert_eq!((closed.len(), &closed), (5, &ids("web  ", "")), "{text}");
}

#[test]
fn colours_are_for_terminals() {
    for has_colours in [true, false] {
        let screen = Screen::default();
        let console = ConsoleProcessor::to(screen.clone(), has_colours);
        let client = Client::builder().processor(console).build().unwrap();
        client.register("researcher").span("test:step").complete(&json!({}));
        assert!(client.shutdown(TIMEOUT).is_complete);
        assert_eq!(screen.text().contains('\u{1b}'), has_colours, "{}", screen.text());
    }
}
