//! F64: a proxy answers oddly at every request of a run's life. The client counts as refused only what the API refused,
//! every acknowledged span is in the ledger, and nothing is lost where the API answers again before the deadline.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prefactor::schema::{NamedSchema, SchemaRegistry};
use prefactor::{AgentInstance, Client, DropReason, InstanceStatus, Severity, Stats};
use prefactor_local::Server;
use prefactor_local::oracle::{Ledger, Oracle};
use prefactor_tests::middlebox::{Middlebox, Seen, Treatment};
use serde_json::json;

use crate::case::{TIMEOUT, assert_invariants};

const PAGE: &str = "<html><body>no such site</body></html>";
const STRANGER: &str = r#"{"status":"success","details":{"id":"013xrzp12g3nqk8n0000000000000zzz","external_identifier":"of-another-run"}}"#;
/// The cases that go through a real proxy; the whole table is tested in virtual time.
const SAMPLE: usize = 40;
/// The cases that run at a time, each with a server of its own.
const SIDE_BY_SIDE: usize = 8;
const SPANS: usize = 12;
const OUTAGE: Duration = Duration::from_secs(2);

/// A generator of numbers that are the same for the same seed (`SplitMix64`).
struct Random(u64);

impl Random {
    /// Takes its seed from `PREFACTOR_TEST_SEED`, else a new one each time.
    fn seed() -> u64 {
        let given = std::env::var("PREFACTOR_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let time = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        given.unwrap_or_else(|| u64::try_from(time % 1_000_000_007).unwrap())
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap()
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Each odd treatment of a request.
fn treatments() -> Vec<Treatment> {
    let mut all = vec![Treatment::Close, Treatment::CloseAfter, Treatment::OutOfStep];
    for status in [200, 204, 302, 400, 401, 403, 404, 405, 409, 413, 421, 422, 425, 429, 500, 502, 503] {
        for body in ["", PAGE, "{}", r#"{"status":"error"}"#] {
            all.push(Treatment::Answer(status, body.to_owned()));
            all.push(Treatment::Replace(status, body.to_owned()));
        }
    }
    for body in
        [r#"{"status":"success"}"#, r#"{"status":"success","details":{}}"#, STRANGER, r#"{"status":"succ"#]
    {
        all.push(Treatment::Answer(200, body.to_owned()));
        all.push(Treatment::Replace(200, body.to_owned()));
    }
    for status in [421, 425] {
        let body = r#"{"status":"error","code":"not_found"}"#.to_owned();
        all.push(Treatment::Answer(status, body));
    }
    all
}

/// The requests of a run's life.
const REQUESTS: [&str; 9] =
    ["ping", "register", "start", "span", "bulk", "record_quality", "alerts/raise", "terminate", "finish"];

fn is_meant(seen: &Seen, request: &str) -> bool {
    let path = seen.path.as_str();
    match request {
        "span" => path.starts_with("/agent_spans"),
        "finish" => path.starts_with("/agent_instance/") && path.ends_with("/finish"),
        request => path.ends_with(request),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasts {
    Times(usize),
    TwoSeconds,
    ForEver,
}

/// A client whose runs may have a quality and an alert.
fn client(proxy: &Middlebox, server: &Server) -> Client {
    let mut schemas = SchemaRegistry::new();
    schemas.add_quality(NamedSchema::new("score")).unwrap();
    schemas.add_alert(NamedSchema::new("budget")).unwrap();
    let builder = Client::builder().api_url(proxy.url()).api_token(server.token()).schemas(schemas);
    builder.build().unwrap()
}

/// Calls of a run that [`calls`] makes.
const CALLS: u64 = 3;

/// Calls about a run beside its spans, and the termination of another run.
fn calls(client: &Client, instance: &AgentInstance) {
    instance.record_quality("score", Some(&json!({ "stars": 4 })));
    instance.raise_alert("budget", Severity::Warning, &json!({ "spent_usd": 4.2 }));
    let stopped = client.register("stopped");
    stopped.start();
    stopped.terminate("spent too much");
}

/// A run with spans of several shapes.
fn spans(instance: &AgentInstance, count: usize) {
    for number in (0..count).step_by(2) {
        let parent = instance.span("test:parent");
        parent.start(&json!({ "number": number }));
        parent.in_scope(|| instance.span("test:child").complete(&json!({ "number": number + 1 })));
        parent.complete(&());
    }
}

/// Compares the client's counts of spans and runs with the ledger.
fn check(stats: &Stats, ledger: &Ledger) {
    assert_invariants(stats, ledger);
    for reason in
        [DropReason::Rejected, DropReason::DependencyRejected, DropReason::TooLarge, DropReason::Auth]
    {
        assert_eq!(stats.dropped(reason), 0, "{stats}");
    }
}

fn case(treatment: &Treatment, request: &'static str, lasts: Lasts) {
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let odd = treatment.clone();
    let (begin, mut left) =
        (Instant::now(), if let Lasts::Times(times) = lasts { times } else { usize::MAX });
    let proxy = Middlebox::new(server.address(), move |seen| {
        let is_odd =
            is_meant(seen, request) && left > 0 && (lasts != Lasts::TwoSeconds || begin.elapsed() < OUTAGE);
        left -= usize::from(is_odd);
        if is_odd { odd.clone() } else { Treatment::Pass }
    });
    let client = client(&proxy, &server);
    let instance = client.register("tester");
    spans(&instance, SPANS / 2);
    calls(&client, &instance);
    let open = instance.span("test:open");
    open.start(&json!({}));
    let _ = client.flush(Duration::from_millis(200));
    spans(&instance, SPANS / 2);
    open.complete(&json!({}));
    instance.finish(InstanceStatus::Complete);
    let is_mended = lasts != Lasts::ForEver;
    let report = client.shutdown(if is_mended { TIMEOUT } else { Duration::from_secs(1) });
    let (stats, ledger) = (report.stats, oracle.ledger());
    check(&stats, &ledger);
    if is_mended {
        let whole = (stats.created, stats.acknowledged, stats.runs.finished);
        assert_eq!(whole, (SPANS as u64 + 1, SPANS as u64 + 1, 2), "{stats}");
        assert_eq!((stats.run_calls.created, stats.run_calls.acknowledged), (CALLS, CALLS), "{stats}");
    }
}

#[test]
fn f64_sample_of_odd_answers_through_a_proxy_refuses_and_loses_nothing() {
    let seed = std::env::var("PREFACTOR_TEST_SEED").map_or(14, |seed| seed.parse().unwrap());
    let (mut random, treatments) = (Random(seed), treatments());
    let cases: Vec<_> = (0..SAMPLE)
        .map(|_| {
            let lasts = [Lasts::Times(1), Lasts::Times(2), Lasts::TwoSeconds, Lasts::ForEver];
            (random.of(&treatments).clone(), *random.of(&REQUESTS), *random.of(&lasts))
        })
        .collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((treatment, request, lasts)) = cases.get(next.fetch_add(1, SeqCst)) {
                    let run = || case(treatment, request, *lasts);
                    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err() {
                        failed.lock().unwrap().push(format!("{treatment:?} at {request}, {lasts:?}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "PREFACTOR_TEST_SEED={seed}: {failed:#?}");
}

/// The limit of odd answers to one request: the client gives a request up after five while others pass.
const MAX_ODD_FOR_ONE: usize = 2;
const ODD: usize = 60;

/// A proxy's treatments, request by request.
#[derive(Default)]
struct Done {
    text: String,
    odd: usize,
    /// How often each of [`REQUESTS`] was treated oddly.
    of: [usize; REQUESTS.len()],
}

/// Makes runs, from registration to finish, through a proxy until it has treated sixty requests oddly, one in three and of each
/// kind at least the first. The last span of a run is sent alone.
#[test]
fn f64_odd_answers_at_random_lose_nothing_and_acknowledge_what_the_ledger_has() {
    let seed = Random::seed();
    let oracle = Oracle::new();
    let server = Server::builder().oracle(&oracle).start().unwrap();
    let (mut random, treatments, done) = (Random(seed), treatments(), Arc::new(Mutex::new(Done::default())));
    let doing = Arc::clone(&done);
    let proxy = Middlebox::new(server.address(), move |seen| {
        let mut done = doing.lock().unwrap();
        let kind = REQUESTS.iter().position(|request| is_meant(seen, request));
        let is_first = kind.is_some_and(|kind| done.of[kind] == 0);
        let is_turn = done.odd < ODD && random.below(3) == 0;
        let is_odd = seen.repeats < MAX_ODD_FOR_ONE && (is_first || is_turn);
        let treatment = if is_odd { random.of(&treatments).clone() } else { Treatment::Pass };
        done.odd += usize::from(is_odd);
        if let Some(kind) = kind {
            done.of[kind] += usize::from(is_odd);
        }
        let _ = writeln!(done.text, "{} {} ({}): {treatment:?}", seen.method, seen.path, seen.repeats);
        treatment
    });
    let client = client(&proxy, &server);
    let (mut runs, begin) = (0, Instant::now());
    let is_done = |done: &Done| done.odd >= ODD && done.of.iter().all(|odd| *odd > 0);
    while !is_done(&done.lock().unwrap()) && begin.elapsed() < TIMEOUT {
        let instance = client.register("tester");
        spans(&instance, SPANS);
        let _ = client.flush(OUTAGE);
        instance.span("test:alone").complete(&json!({}));
        calls(&client, &instance);
        instance.finish(InstanceStatus::Complete);
        runs += 1;
        let _ = client.flush(OUTAGE);
    }
    let report = client.shutdown(TIMEOUT);
    let ledger = oracle.ledger();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        check(&report.stats, &ledger);
        let (stats, counts, created) = (&report.stats, report.stats.runs, runs * (SPANS as u64 + 1));
        assert_eq!((stats.created, stats.acknowledged), (created, created), "{stats}");
        // Each run has another beside it, which is terminated.
        let all = (2 * runs, 2 * runs, 2 * runs);
        assert_eq!((counts.registered, counts.started, counts.finished), all, "{stats}");
        assert_eq!(stats.run_calls.acknowledged, CALLS * runs, "{stats}");
        let of = done.lock().unwrap().of;
        assert!(of.iter().all(|odd| *odd > 0), "each request of a run's life: {REQUESTS:?}, {of:?}");
    }));
    if outcome.is_err() {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("odd-answers-{seed}.txt"));
        let done = done.lock().unwrap_or_else(PoisonError::into_inner).text.clone();
        let text = format!("{done}\n{:#?}\n{:#?}\n", ledger.requests(), ledger.effects());
        std::fs::write(&path, text).unwrap();
        panic!("PREFACTOR_TEST_SEED={seed}; requests and ledger are in {}", path.display());
    }
}
