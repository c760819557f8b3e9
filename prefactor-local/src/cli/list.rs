//! `runs`, `tail`, `terminate` and `token`: one request each, and one line for each object.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::{
    Error,
    arguments::Options,
    output::{cut, escaped, printable, say, say_json, width},
    remote::{Remote, segment},
};

/// The time between two requests for new spans.
const EVERY: Duration = Duration::from_millis(500);

pub(super) fn runs(remote: &Remote, options: &Options) -> Result<(), Error> {
    let limit = options.limit.unwrap_or(20);
    let mut offset = 0;
    while offset < limit {
        let size = (limit - offset).min(100);
        let path = format!(
            "/local/runs?sorting[field]=id&sorting[direction]=desc&pagination[offset]={offset}\
             &pagination[page_size]={size}"
        );
        let page = remote.get(&path)?;
        let runs = page["summaries"].as_array().map(Vec::as_slice).unwrap_or_default();
        if runs.is_empty() && offset == 0 && !options.json {
            say("No runs yet. Point an agent here:")?;
            return say(["export PREFACTOR_API_URL=", remote.url()].concat());
        }
        for run in runs {
            if options.json { say_json(run)? } else { say(run_line(run))? }
        }
        if page["pagination"]["next_page_offset"].is_null() {
            break;
        }
        offset += size;
    }
    Ok(())
}

/// The run's identifier, its state, and what tells it from others: its agent, and what it was asked.
fn run_line(run: &Value) -> String {
    let counts = &run["span_counts"];
    let failed = match counts["failed"].as_i64() {
        None | Some(0) => String::new(),
        Some(failed) => format!(", {failed} failed"),
    };
    let started = text(&run["started_at"]).or_else(|| text(&run["inserted_at"])).unwrap_or_default();
    let purpose = text(&run["purpose"]).filter(|purpose| *purpose != "live");
    let line = format!(
        "{}  {:<10}  {}  {} spans{failed}  {}{}  {}",
        text(&run["id"]).unwrap_or_default(),
        text(&run["status"]).unwrap_or_default(),
        started.get(..16).unwrap_or_default().replace('T', " "),
        counts["total"],
        text(&run["agent_name"]).unwrap_or_default(),
        purpose.map(|purpose| format!(" ({purpose})")).unwrap_or_default(),
        text(&run["question"]).unwrap_or_default(),
    );
    cut(printable(&line).trim_end(), width())
}

/// Prints spans as they arrive, each in the state that it has then, until the process is ended.
pub(super) fn tail(remote: &Remote, options: &Options) -> Result<(), Error> {
    let mut after = remote.lines("/local/spans")?.next.unwrap_or(0);
    loop {
        let lines = remote.lines(&format!("/local/spans?after={after}"))?;
        for line in lines.text.lines() {
            if options.json {
                say(escaped(line))?;
                continue;
            }
            let span: Value = serde_json::from_str(line)?;
            let shown = format!(
                "{}  {:<9}  {}  {}",
                text(&span["agent_instance_id"]).unwrap_or_default(),
                text(&span["status"]).unwrap_or_default(),
                text(&span["schema_name"]).unwrap_or_default(),
                super::tree::name(&span),
            );
            say(cut(&printable(shown.trim_end()), width()))?;
        }
        match lines.next {
            Some(next) => after = next,
            None => thread::sleep(EVERY),
        }
    }
}

pub(super) fn terminate(remote: &Remote, run: &str, reason: &str, options: &Options) -> Result<(), Error> {
    let path = format!("/api/v1/agent_instance/{}/terminate", segment(run)?);
    let answer = remote.post(&path, &json!({"reason": reason}).to_string())?;
    if options.json {
        return say_json(&answer["details"]);
    }
    say(["Run ", run, " is terminated; its agent hears of it with its next span, or its next poll."].concat())
}

pub(super) fn token(remote: &Remote, options: &Options) -> Result<(), Error> {
    let details = match &options.agent {
        Some(name) => json!({"token_scope": "agent_deployment", "agent_name": name}),
        None => json!({"token_scope": "account"}),
    };
    let answer = remote.post("/api/v1/api_token", &json!({"details": details}).to_string())?;
    if options.json {
        let mut made = answer["details"].clone();
        made["token"] = answer["token"].clone();
        return say_json(&made);
    }
    say(["export PREFACTOR_API_URL=", remote.url()].concat())?;
    say(["export PREFACTOR_API_TOKEN=", answer["token"].as_str().unwrap_or_default()].concat())?;
    say("\n# The token is shown this once. From now on the server refuses tokens that it has not made.")
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}
