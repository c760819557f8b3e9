//! Row F49: journals of another server, account or agent.

use std::path::Path;

use prefactor::Client;
use prefactor_local::oracle::{Fault, Oracle, Rule};

use crate::child::{TIMEOUT, builder, client, end, files, leave, server, wait_for_finished, wait_until};

/// Returns the files of a spool with their lengths.
pub(crate) fn lengths(spool: &Path) -> Vec<(String, u64)> {
    let length = |path: &String| std::fs::metadata(path).unwrap().len();
    files(spool).into_iter().map(|path| (path.clone(), length(&path))).collect()
}

/// Makes one span by a client, and leaves it on disk.
fn leave_a_span(client: &Client, name: &'static str) {
    let run = client.register("spooler");
    run.span(name).complete(&1);
    leave(client);
}

#[test]
fn f49_journal_of_another_server_or_agent_or_token_is_kept_and_not_sent() {
    let (spool, (oracle, own)) = (tempfile::tempdir().unwrap(), server());
    let (other_oracle, other) = server();
    let is_away = |oracle: &Oracle| oracle.inject(Rule::new(Fault::status(503)));
    is_away(&oracle);
    leave_a_span(&client(&own, spool.path()), "test:one");
    let kept = lengths(spool.path());
    assert!(!kept.is_empty());

    let strangers: [&dyn Fn() -> Client; 3] = [
        &|| client(&other, spool.path()),
        &|| builder(own.url(), own.token(), spool.path()).agent("another").build().unwrap(),
        &|| builder(own.url(), "another-token", spool.path()).build().unwrap(),
    ];
    for stranger in strangers {
        [&oracle, &other_oracle].into_iter().for_each(is_away);
        leave_a_span(&stranger(), "test:stranger");
        [&oracle, &other_oracle].into_iter().for_each(Oracle::heal);
        let next = stranger();
        // Journals are searched from the oldest to the newest, so the client that found its own has skipped the first one.
        wait_until("a stranger to take over its own journal", || next.stats().adopted > 0);
        let now = lengths(spool.path());
        assert!(kept.iter().all(|file| now.contains(file)), "{kept:?} {now:?}");
        leave(&next);
    }
    for ledger in [oracle.ledger(), other_oracle.ledger()] {
        assert!(!ledger.items().any(|item| item.text.contains("test:one")));
    }

    let next = client(&own, spool.path());
    assert!(oracle.wait_until(TIMEOUT, |ledger| ledger.items().any(|item| item.text.contains("test:one"))));
    wait_for_finished(&oracle, 1);
    end(&next, &oracle);
}

#[test]
fn spool_of_a_client_that_reports_to_processors_alone_is_refused_with_the_cure() {
    let spool = tempfile::tempdir().unwrap();
    let processor = prefactor::export::MemoryProcessor::new();
    let error = Client::builder().processor(processor).spool(spool.path()).build().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains(".prefactor()"), "{error}");
}
