//! `prefactor-spool` shows, delivers and exports waiting journals, without the agent and beside running agents.

mod command_line;
mod delivery;
mod export;
mod inspect;
#[cfg(unix)]
mod unreadable;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use prefactor_local::Server;
use prefactor_local::oracle::{Fault, Kind, Oracle, Rule};

use crate::child::{Program, TIMEOUT};
use crate::programs::tool;
use crate::restart::start;

/// The tool as it delivers to a server.
fn deliver(server: &Server, spool: &Path, arguments: &[&str]) -> Command {
    let mut tool = tool();
    tool.arg("deliver").arg(spool).args(arguments);
    tool.env("PREFACTOR_API_URL", server.url()).env("PREFACTOR_API_TOKEN", server.token());
    tool
}

/// Returns its output and its exit status.
fn run(mut tool: Command) -> (String, Option<i32>) {
    let Output { status, stdout, stderr } = tool.output().unwrap();
    let text = [stdout, stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (text, status.code())
}

/// Processes that could not deliver, and were killed: eleven spans each, one of them open.
fn killed(oracle: &Oracle, server: &Server, spool: &Path, count: usize) {
    oracle.inject(Rule::new(Fault::status(503).retry_after("3600")));
    let programs: Vec<_> = (0..count).map(|_| start(server.url(), server.token(), spool)).collect();
    // A process that was told to wait has no request under way, which the server could read after the process was killed.
    let were_told = oracle.wait_until(TIMEOUT, |ledger| {
        let told = ledger.requests().iter().filter(|request| request.answered.is_some());
        let registered = told.flat_map(|request| &request.items).filter(|item| item.kind == Kind::Register);
        registered.filter_map(|item| item.key.as_deref()).collect::<BTreeSet<_>>().len() == count
    });
    assert!(were_told, "each process registers its run");
    programs.into_iter().for_each(Program::kill);
    oracle.heal();
}
