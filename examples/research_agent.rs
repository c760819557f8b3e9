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
//! The steps are in `research_agent/agent.rs`: begin there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

#[path = "research_agent/agent.rs"]
mod agent;
#[path = "research_agent/answer.rs"]
mod answer;
#[path = "research_agent/arguments.rs"]
mod arguments;
#[path = "research_agent/blocking.rs"]
mod blocking;
#[path = "research_agent/error.rs"]
mod error;
#[path = "research_agent/extract.rs"]
mod extract;
#[path = "research_agent/files.rs"]
mod files;
#[path = "research_agent/index.rs"]
mod index;
#[path = "research_agent/model.rs"]
mod model;
#[path = "research_agent/passages.rs"]
mod passages;
#[path = "research_agent/plan.rs"]
mod plan;
#[path = "research_agent/rank.rs"]
mod rank;
#[path = "research_agent/telemetry.rs"]
mod telemetry;
#[path = "research_agent/terminal.rs"]
mod terminal;
#[path = "research_agent/trace.rs"]
mod trace;
#[path = "research_agent/tree.rs"]
mod tree;

use std::path::Path;
use std::process::ExitCode;

use prefactor::{Agent, AgentInstance, Client, InstanceStatus};

use crate::answer::Answer;
use crate::arguments::{Request, USAGE};
use crate::model::Model;
use crate::telemetry::Telemetry;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    // The choice of cryptography is the program's. It fails when somebody has chosen already, which will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match Request::from_command_line() {
        Ok(Request::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Request::Answer { question, folder, serve }) => answer_and_report(&question, &folder, serve).await,
        Err(message) => failed(&message),
    }
}

async fn answer_and_report(question: &str, folder: &Path, serve: bool) -> ExitCode {
    let agent = Agent::new("research-agent").version("1.0.0").description("Answers questions over files");
    let telemetry = match Telemetry::start(agent.clone()) {
        Ok(telemetry) => Some(telemetry),
        Err(error) => {
            eprintln!("No trace: {error}");
            None
        }
    };
    // Without telemetry the agent works all the same: its spans are no-ops.
    let disabled = || Client::builder().disabled(true).build();
    let client = match &telemetry {
        Some(telemetry) => telemetry.client().clone(),
        None => disabled().expect("never"),
    };
    let instance = client.register(agent);
    let outcome = answer_question(&instance, question, folder).await;
    match &outcome {
        Ok(answer) => println!("{}\n", answer.to_text()),
        Err(error) => eprintln!("No answer: {error}\n"),
    }
    if let Some(telemetry) = telemetry {
        let (text, server) = telemetry.report(instance.id().as_deref()).await;
        println!("{text}");
        if let Some(server) = server.filter(|_| serve) {
            server.wait();
        }
    }
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn answer_question(instance: &AgentInstance, question: &str, folder: &Path) -> Result<Answer, Failure> {
    let model = Model::from_environment()?;
    let run = async {
        let answer = agent::run(question, folder, model.as_ref()).await;
        if answer.is_err() {
            // Else the run would end as complete: it came to its end, though to no answer.
            instance.finish(InstanceStatus::Failed);
        }
        answer
    };
    Ok(instance.run(run).await??)
}

fn failed(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
