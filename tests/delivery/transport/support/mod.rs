//! Servers that record their requests, clients of them, and child processes with variables of their own.

mod certificates;
mod origin;

use std::process::Command;
use std::time::{Duration, Instant};

use prefactor::{Client, ClientBuilder, FlushReport, Stats};
use prefactor_tests::invariants::assert_conserved;

pub(crate) use certificates::{Authority, Identity, server_config};
pub(crate) use origin::{Origin, Received, Reply, accept, answer};

pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);
/// A text that one receiver alone may see.
pub(crate) const TOKEN: &str = "canary-token-1f2e3d";
/// The timeout of requests, so long that a shutdown that waited for one would not return.
const NEVER: Duration = Duration::from_secs(3_600);

pub(crate) fn builder(url: &str) -> ClientBuilder {
    Client::builder().api_url(url).api_token(TOKEN).request_timeout(NEVER)
}

/// Makes one span and shuts the client down.
pub(crate) fn one_span(client: &Client, timeout: Duration) -> FlushReport {
    client.register("tester").in_scope(|| prefactor::span("test:one").complete(&()));
    shut_down(client, timeout)
}

/// Shuts down, and checks that the account is closed. On a busy machine the worker may close it after the deadline,
/// when the caller has gone on.
pub(crate) fn shut_down(client: &Client, timeout: Duration) -> FlushReport {
    let mut report = client.shutdown(timeout);
    let open = |stats: &Stats| stats.outstanding + stats.runs.outstanding + stats.run_calls.outstanding;
    assert!(!report.is_complete || open(&report.stats) == 0, "{report:?}");
    until("the account is closed", || open(&client.stats()) == 0);
    report.stats = client.stats();
    assert_conserved(&report.stats);
    report
}

/// Shuts down a client that cannot deliver. A shutdown that returns was ended by its deadline.
pub(crate) fn assert_ended_by_the_deadline(client: &Client) {
    let (begin, timeout) = (Instant::now(), Duration::from_millis(500));
    let stats = shut_down(client, timeout).stats;
    assert!(begin.elapsed() >= timeout, "it tries to the last");
    assert_eq!((stats.created, stats.acknowledged), (1, 0), "{stats}");
    assert_eq!((stats.runs.created, stats.runs.finished), (1, 0), "{stats:?}");
}

/// Runs one of the `child_*` tests, which do nothing unless they are run this way, and returns what it printed.
pub(crate) fn run_child(test: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env("PREFACTOR_TEST_CHILD", "1");
    for name in [
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "PREFACTOR_API_TOKEN",
        "PREFACTOR_API_URL",
        "REQUEST_METHOD",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
    ] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "there is no test {test}: {printed}");
    assert!(!printed.contains(TOKEN), "the token is shown: {printed}");
    printed
}

pub(crate) fn is_child() -> bool {
    std::env::var_os("PREFACTOR_TEST_CHILD").is_some()
}

/// A variable that the parent has set.
pub(crate) fn given(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Waits until the condition holds.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < TIMEOUT, "not within {TIMEOUT:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
