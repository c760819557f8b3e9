//! An agent that answers questions over files, with every step of it traced.
//!
//! It plans, searches, reads, and has a model write a cited answer. Each step is a function with `#[span]`;
//! nothing else in them is about telemetry. Its first search fails, because a question is no query, and is
//! tried again: that is in the trace too.
//!
//! ```text
//! cargo run --example research_agent -- "How does a span become current?"
//! cargo run --example research_agent -- --serve --folder ../notes "What did we decide about retries?"
//! ```
//!
//! With no account it starts a Prefactor-compatible server in this process, and with no model it answers in
//! sentences of the files. `--help` names the variables that change either.
//!
//! The steps are in `agent.rs`: begin there.

mod agent;
mod answer;
mod arguments;
mod blocking;
mod error;
mod extract;
mod files;
mod index;
mod lines;
mod model;
mod passages;
mod plan;
mod rank;
mod telemetry;
mod terminal;
mod trace;
mod tree;

use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use prefactor::{Agent, AgentInstance};

use crate::answer::Answer;
use crate::arguments::{Request, USAGE};
use crate::model::Model;
use crate::telemetry::Telemetry;

/// A note for readers of the answer and of its trace.
const INTRODUCTION: &str = "\
The agent plans, searches the files, reads and answers. Its first search fails on purpose, because a question is no
query, and is tried again: the trace shows what a failure looks like. Without a model the answer is extractive: it
quotes sentences of the files.
";

#[tokio::main]
async fn main() -> ExitCode {
    match Request::from_command_line() {
        Ok(Request::Help) => {
            say(USAGE.trim_end());
            ExitCode::SUCCESS
        }
        Ok(Request::Answer { question, folder, serve }) => answer_and_report(&question, &folder, serve).await,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

async fn answer_and_report(question: &str, folder: &Path, serve: bool) -> ExitCode {
    say(INTRODUCTION);
    let agent =
        Agent::new("research-agent").with_version("1.0.0").with_description("Answers questions over files");
    let telemetry = Telemetry::start(agent.clone());
    let telemetry = telemetry.inspect_err(|error| complain(&format!("No trace: {error}"))).ok();
    let traced = telemetry.map(|telemetry| (telemetry.client().register(agent), telemetry));
    let outcome = answer_question(traced.as_ref().map(|(instance, _)| instance), question, folder).await;
    match &outcome {
        Ok(answer) => say(answer.to_text()),
        Err(error) => complain(&format!("No answer: {error}")),
    }
    if let Some((instance, telemetry)) = traced {
        say(format!("\n{}", telemetry.report(&instance, serve).await));
        if serve {
            telemetry.serve();
        }
    }
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn answer_question(
    instance: Option<&AgentInstance>,
    question: &str,
    folder: &Path,
) -> Result<Answer, Box<dyn Error>> {
    let model = Model::from_environment()?;
    let run = agent::run(question, folder, model.as_ref());
    let Some(instance) = instance else { return Ok(run.await?) };
    Ok(instance.run(run).await??)
}

/// Prints the text. A reader that has left, such as `head`, is no reason to fail.
fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{}", terminal::wrap(message, "", ""));
}
