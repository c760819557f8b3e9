//! Bad configuration: an error that names the variable and the cure, and never the token.
//!
//! Variables belong to the process, so each case runs this test binary again with its own.

use std::process::{Command, Output};

use prefactor::Client;

const CANARY: &str = "canary-token-1f2e3d";

type Variables<'a> = &'a [(&'a str, &'a str)];

/// Runs one of the `child_*` tests below, which do nothing unless they are run this way.
fn run(test: &str, variables: Variables<'_>) -> Output {
    command(test).envs(variables.iter().copied()).output().unwrap()
}

fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env("PREFACTOR_TEST_CHILD", "1");
    for name in ["PREFACTOR_API_URL", "PREFACTOR_API_TOKEN", "PREFACTOR_AGENT_ID", "PREFACTOR_DISABLED"] {
        command.env_remove(name);
    }
    command
}

fn is_child() -> bool {
    std::env::var_os("PREFACTOR_TEST_CHILD").is_some()
}

#[test]
fn child_init() {
    if is_child() {
        match prefactor::init() {
            Ok(guard) => println!("ok: {guard:?}"),
            Err(error) => {
                println!("error: {error}\ndebug: {error:?}\nconfiguration: {}", error.is_configuration());
            }
        }
    }
}

#[test]
fn init_names_the_variable_and_the_cure() {
    let token = ("PREFACTOR_API_TOKEN", CANARY);
    let cases: [(Variables<'_>, &[&str]); 28] = [
        (&[("PREFACTOR_API_URL", "http://127.0.0.1:9")], &["PREFACTOR_API_TOKEN", "is not set", "export"]),
        (
            &[("PREFACTOR_ENVIRONMENT_ID", "013xrzp12g3nqk8n0000000000000000")],
            &["PREFACTOR_API_TOKEN", "is not set"],
        ),
        (&[("PREFACTOR_API_TOKEN", "  ")], &["PREFACTOR_API_TOKEN", "is not set"]),
        (&[("PREFACTOR_API_TOKEN", "canary-token-1f2e3d\u{7}")], &["PREFACTOR_API_TOKEN", "copy it again"]),
        (&[token, ("PREFACTOR_API_URL", "not a url")], &["PREFACTOR_API_URL", "https://app.prefactorai.com"]),
        (
            &[token, ("PREFACTOR_API_URL", "http://example.com")],
            &["PREFACTOR_API_URL", "example.com", "https://"],
        ),
        (
            &[token, ("PREFACTOR_API_URL", "https://u:canary-token-1f2e3d@example.com")],
            &["PREFACTOR_API_URL", "password"],
        ),
        (&[token, ("PREFACTOR_AGENT_ID", "agent-1")], &["PREFACTOR_AGENT_ID", "PFID"]),
        (&[token, ("PREFACTOR_DISABLED", "maybe")], &["PREFACTOR_DISABLED", "true", "false"]),
        (&[token, ("PREFACTOR_CAPTURE_INPUTS", "never")], &["PREFACTOR_CAPTURE_INPUTS", "true", "false"]),
        (&[token, ("PREFACTOR_MAX_QUEUE_BYTES", "lots")], &["PREFACTOR_MAX_QUEUE_BYTES", "64MiB"]),
        (&[token, ("PREFACTOR_REQUEST_TIMEOUT", "soon")], &["PREFACTOR_REQUEST_TIMEOUT", "seconds"]),
        (&[token, ("PREFACTOR_SHUTDOWN_TIMEOUT", "0")], &["PREFACTOR_SHUTDOWN_TIMEOUT", "above 0"]),
        (&[token, ("PREFACTOR_REDACT", "some")], &["PREFACTOR_REDACT", "hide, mark or off"]),
        (&[token, ("PREFACTOR_ALLOW_INSECURE_HTTP", "some")], &["PREFACTOR_ALLOW_INSECURE_HTTP", "true"]),
        (&[("PREFACTOR_API_TOKEN_FILE", "/no/such/file")], &["PREFACTOR_API_TOKEN_FILE", "cannot be read"]),
        (&[token, ("PREFACTOR_API_TOKEN_FILE", "/no/such/file")], &["PREFACTOR_API_TOKEN_FILE", "unset one"]),
        (&[token, ("PREFACTOR_MAX_LIST_NUMBERS", "few")], &["PREFACTOR_MAX_LIST_NUMBERS", "4096"]),
        (&[token, ("PREFACTOR_MAX_OUTPUT_LENGTH", "-1")], &["PREFACTOR_MAX_OUTPUT_LENGTH", "characters"]),
        (
            &[token, ("PREFACTOR_MAX_DEBUG_LENGTH", "1k")],
            &["PREFACTOR_MAX_DEBUG_LENGTH", "characters", "1024"],
        ),
        (&[token, ("PREFACTOR_SAMPLE_RATE", "half")], &["PREFACTOR_SAMPLE_RATE", "from 0 to 1", "unset"]),
        (&[token, ("PREFACTOR_SAMPLE_RATE", "1.5")], &["PREFACTOR_SAMPLE_RATE", "from 0 to 1", "unset"]),
        (&[token, ("PREFACTOR_SAMPLE_RATE", "NaN")], &["PREFACTOR_SAMPLE_RATE", "from 0 to 1", "unset"]),
        (
            &[token, ("PREFACTOR_SAMPLE_RATES", "0.1")],
            &["PREFACTOR_SAMPLE_RATES", "agent:heartbeat=0.01", "unset"],
        ),
        (&[token, ("PREFACTOR_KEEP_FAILURES", "some")], &["PREFACTOR_KEEP_FAILURES", "true"]),
        (&[token, ("PREFACTOR_READ_USAGE", "some")], &["PREFACTOR_READ_USAGE", "true"]),
        (
            &[token, ("PREFACTOR_MAX_QUEUE_OPERATIONS", "lots")],
            &["PREFACTOR_MAX_QUEUE_OPERATIONS", "operations"],
        ),
        (&[token, ("PREFACTOR_DRAIN_TIMEOUT", "0")], &["PREFACTOR_DRAIN_TIMEOUT", "above 0"]),
    ];
    for (variables, words) in cases {
        let output = run("configuration::child_init", variables);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("error: ") && text.contains("configuration: true"), "{variables:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{variables:?} should say {word}: {text}");
        }
        assert!(!text.contains(CANARY), "the token is shown: {text}");
    }
}

#[test]
fn init_works_offline_and_shows_no_token() {
    let variables = [("PREFACTOR_API_TOKEN", CANARY), ("PREFACTOR_API_URL", "http://127.0.0.1:9")];
    let output = run("configuration::child_init", &variables);
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("ok: ShutdownGuard"), "{text}");
    assert!(!text.contains(CANARY), "the token is shown: {text}");
}

#[test]
fn words_for_false_are_taken_from_the_environment() {
    for word in ["false", "0", "no", "OFF"] {
        let variables = [("PREFACTOR_API_TOKEN", CANARY), ("PREFACTOR_DISABLED", word)];
        let output = run("configuration::child_init", &variables);
        assert!(String::from_utf8(output.stdout).unwrap().contains("is_enabled: true"), "{word}");
    }
}

#[test]
fn init_needs_nothing_when_disabled() {
    let output = run("configuration::child_init", &[("PREFACTOR_DISABLED", "true")]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("is_enabled: false"));
}

#[test]
fn disabled_client_is_built_whatever_the_other_variables_say() {
    let malformed = [
        ("PREFACTOR_API_URL", "not a url"),
        ("PREFACTOR_API_TOKEN", CANARY),
        ("PREFACTOR_API_TOKEN_FILE", "/no/such/file"),
        ("PREFACTOR_AGENT_ID", "agent-1"),
        ("PREFACTOR_CAPTURE_INPUTS", "never"),
        ("PREFACTOR_MAX_INPUT_LENGTH", "long"),
        ("PREFACTOR_MAX_LIST_NUMBERS", "few"),
        ("PREFACTOR_MAX_QUEUE_BYTES", "lots"),
        ("PREFACTOR_REQUEST_TIMEOUT", "soon"),
        ("PREFACTOR_REDACT", "some"),
        ("PREFACTOR_SAMPLE_RATE", "half"),
        ("PREFACTOR_SAMPLE_RATES", "0.1"),
        ("PREFACTOR_EXPORTERS", "colsole"),
        ("PREFACTOR_SPOOL_DIR", "/no/such/folder"),
    ];
    let disabled = [&malformed[..], &[("PREFACTOR_DISABLED", "true")]].concat();
    let output = run("configuration::child_init", &disabled);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("is_enabled: false"), "{text}");
}

#[test]
fn init_without_any_variable_gives_a_disabled_client_and_says_so_once() {
    for variables in [&[][..], &[("PREFACTOR_AGENT_NAME", "researcher"), ("PREFACTOR_SAMPLE_RATE", "0.5")]] {
        let output = run("configuration::child_init", variables);
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(stdout.contains("ok: ShutdownGuard") && stdout.contains("is_enabled: false"), "{stdout}");
        let lines: Vec<_> = stderr.lines().filter(|line| line.starts_with("prefactor: ")).collect();
        assert_eq!(lines.len(), 1, "{stderr}");
        assert!(
            lines[0].contains("PREFACTOR_API_TOKEN") && lines[0].contains("PREFACTOR_DISABLED"),
            "{stderr}"
        );
    }
}

#[test]
fn agent_without_a_name_is_called_after_the_binary() {
    let binary = std::env::current_exe().unwrap().file_stem().unwrap().to_str().unwrap().to_owned();
    let variables = [("PREFACTOR_API_TOKEN", CANARY), ("PREFACTOR_API_URL", "http://127.0.0.1:9")];
    let output = run("configuration::child_init", &variables);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&format!("agent: {binary:?}")), "{text}");
}

#[cfg(unix)]
#[test]
fn variable_that_is_not_utf_8_is_an_error_that_names_it() {
    use std::os::unix::ffi::OsStrExt as _;

    let names: Vec<_> = include_str!("../../src/guide/configuration.md")
        .lines()
        .take_while(|line| !line.starts_with("# "))
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 25, "the table could not be read: {names:?}");
    for name in names {
        let mut command = command("configuration::child_init");
        command.env("PREFACTOR_API_TOKEN", CANARY).env(name, std::ffi::OsStr::from_bytes(b"canary\xff"));
        let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(text.contains("configuration: true"), "{name}: {text}");
        assert!(
            text.contains(&format!("{name} is not valid UTF-8")) && text.contains("unset it"),
            "{name}: {text}"
        );
        assert!(!text.contains("canary"), "the value is shown: {text}");
        if name != "PREFACTOR_DISABLED" {
            let text = String::from_utf8(command.env("PREFACTOR_DISABLED", "true").output().unwrap().stdout);
            assert!(text.unwrap().contains("is_enabled: false"), "{name}");
        }
    }
}

#[test]
fn builder_shows_no_token() {
    let builder = Client::builder().api_token(CANARY);
    assert!(!format!("{builder:?}").contains(CANARY));
}

#[test]
fn child_global() {
    #[prefactor::span("test:global")]
    fn global() {}

    if !is_child() {
        return;
    }
    global(); // before init: nothing happens
    let builder = || Client::builder().api_url("http://127.0.0.1:9").api_token("t");
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(|| builder().install())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (winners, losers): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((winners.len(), losers.len()), (1, 63));
    assert!(losers.into_iter().all(|loser| loser.unwrap_err().is_already_installed()));
    let guard = winners.into_iter().next().unwrap().unwrap();
    global();
    assert_eq!(guard.stats().created, 1);
    assert_eq!(prefactor::client().unwrap().stats().created, 1);
    let _ = guard.shutdown(std::time::Duration::ZERO);
    global();
    assert_eq!(guard.stats().dropped(prefactor::DropReason::AfterShutdown), 1);
    let again = builder().install().unwrap();
    global();
    assert_eq!(again.stats().created, 1, "a client that was shut down can be replaced");
    let _ = again.shutdown(std::time::Duration::ZERO);
    println!("all good");
}

#[test]
fn one_client_is_installed_at_a_time() {
    let output = run("configuration::child_global", &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("all good"), "{output:?}");
}
