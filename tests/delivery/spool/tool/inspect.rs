//! `inspect` shows what waits.

use prefactor_local::oracle::{Fault, Rule};

use super::run;
use crate::child::server;
use crate::identity::lengths;
use crate::programs::tool;
use crate::restart::start;

#[test]
fn inspect_shows_what_waits_whose_it_is_and_who_holds_it_and_changes_nothing() {
    let (spool, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    oracle.inject(Rule::new(Fault::status(503)));
    let program = start(server.url(), server.token(), spool.path());
    let inspect = || {
        let mut tool = tool();
        tool.arg("inspect").arg(spool.path());
        let (text, code) = run(tool);
        assert_eq!(code, Some(0), "{text}");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (of, process) = (format!("  of the agent spooler at {}", server.url()), program.id());
    let alive = inspect();
    assert_eq!(alive[1..3], [of.clone(), format!("  held by the process {process} or one that delivers it")]);
    assert!(alive[3].starts_with("  11 spans, 1 run, 23 operations, "), "{alive:?}");
    assert_eq!(alive.last().unwrap(), "11 spans in 1 journal wait for delivery");
    program.kill();
    let before = lengths(spool.path());
    let left = inspect();
    assert_eq!(left[1..3], [of, format!("  left by the process {process}")]);
    assert!(left[3].starts_with("  11 spans, 1 of them cut off, 1 run, 23 operations, "), "{left:?}");
    assert_eq!(left[0], alive[0]);
    assert_eq!(lengths(spool.path()), before);
}
