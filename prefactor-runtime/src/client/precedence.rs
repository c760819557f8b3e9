//! Tests of where each setting comes from: the builder, else the environment, else the default.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

use std::ffi::OsString;
use std::time::Duration;

use crate::client::builder::ClientBuilder;
use crate::client::destinations::{self, Destination};
use crate::client::handle::Client;
use crate::config::settings::Settings;
use crate::config::token::TokenSource;
use crate::config::variable::{
    AGENT_ID, AGENT_IDENTIFIER, AGENT_NAME, ALL, ALLOW_INSECURE_HTTP, API_TOKEN, API_TOKEN_FILE, API_URL,
    CAPTURE_INPUTS, CAPTURE_OUTPUTS, DISABLED, DRAIN_TIMEOUT, ENVIRONMENT_ID, EXPORTERS, FILE, KEEP_FAILURES,
    MAX_DEBUG_LENGTH, MAX_INPUT_LENGTH, MAX_LIST_NUMBERS, MAX_OUTPUT_LENGTH, MAX_QUEUE_BYTES,
    MAX_QUEUE_OPERATIONS, PROPAGATE_RUNS, READ_USAGE, REDACT, REDACT_ALLOW, REQUEST_TIMEOUT, SAMPLE_RATE,
    SAMPLE_RATES, SHUTDOWN_TIMEOUT, SPOOL_DIR, TERMINATION,
};
use crate::types::agent::Agent;
use crate::types::redaction_mode::RedactionMode;

/// The settings of a builder in an environment.
fn filled(given: Settings, environment: &[(&str, &str)]) -> Settings {
    let lookup = |name: &str| {
        environment.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(*value))
    };
    given.with_environment(lookup).unwrap()
}

/// One row a setting: its variable with a value, the field with another value, and how the two values and the default read.
macro_rules! order {
    ($($variable:ident = $value:literal: $field:ident = $given:expr; $read:expr => $of_builder:literal, $of_environment:literal, $default:literal;)*) => {{
        let mut tried = Vec::new();
        $(
            let read: fn(&Settings) -> String = $read;
            let given = || Settings { $field: $given, ..Settings::default() };
            let environment = [($variable, $value)];
            for (settings, expected) in [
                (filled(given(), &environment), $of_builder),
                (filled(Settings::default(), &environment), $of_environment),
                (filled(Settings::default(), &[($variable, "  ")]), $default),
                (filled(Settings::default(), &[]), $default),
            ] {
                assert_eq!(read(&settings), expected, "{}", $variable);
            }
            tried.push($variable);
        )*
        tried
    }};
}

#[test]
fn builder_comes_before_the_environment_and_that_before_the_default() {
    let mut tried = order! {
        DISABLED = "true": disabled = Some(false); |of| of.is_disabled().to_string() => "false", "true", "false";
        CAPTURE_INPUTS = "false": capture_inputs = Some(true); |of| of.limits().inputs.is_captured.to_string() => "true", "false", "true";
        CAPTURE_OUTPUTS = "no": capture_outputs = Some(true); |of| of.limits().outputs.is_captured.to_string() => "true", "false", "true";
        MAX_INPUT_LENGTH = "7": max_input_length = Some(3); |of| of.limits().inputs.max_length.to_string() => "3", "7", "10000";
        MAX_OUTPUT_LENGTH = "7": max_output_length = Some(3); |of| of.limits().outputs.max_length.to_string() => "3", "7", "10000";
        MAX_DEBUG_LENGTH = "7": max_debug_length = Some(3); |of| of.limits().inputs.max_debug_length.to_string() => "3", "7", "1024";
        MAX_LIST_NUMBERS = "7": max_list_numbers = Some(3); |of| of.limits().inputs.max_numbers.to_string() => "3", "7", "4096";
        REDACT = "off": redact = Some(RedactionMode::Mark); |of| format!("{:?}", of.redact) => "Some(Mark)", "Some(Off)", "None";
        REDACT_ALLOW = "pin": redact_allow = Some(vec!["a".into()]); |of| format!("{:?}", of.redact_allow) => "Some([\"a\"])", "Some([\"pin\"])", "None";
        SAMPLE_RATE = "0.5": sample_rate = Some(0.25); |of| format!("{:?}", of.sampling().unwrap().runs) => "SampleRate(0.25)", "SampleRate(0.5)", "SampleRate(1.0)";
        SAMPLE_RATES = "a=0.5": sample_rates = [("a".to_owned(), 0.25)].into(); |of| format!("{:?}", of.sample_rates.get("a")) => "Some(0.25)", "Some(0.5)", "None";
        KEEP_FAILURES = "on": keep_failures = Some(false); |of| of.sampling().unwrap().keeps_failures.to_string() => "false", "true", "false";
        READ_USAGE = "on": read_usage = Some(false); |of| of.read_usage.unwrap_or(false).to_string() => "false", "true", "false";
        TERMINATION = "false": termination = Some(true); |of| of.termination.unwrap_or(true).to_string() => "true", "false", "true";
        PROPAGATE_RUNS = "false": propagate_runs = Some(true); |of| of.propagate_runs.unwrap_or(true).to_string() => "true", "false", "true";
        MAX_QUEUE_BYTES = "1KiB": max_queue_bytes = Some(5); |of| of.queue().bytes.to_string() => "5", "1024", "67108864";
        MAX_QUEUE_OPERATIONS = "7": max_queue_operations = Some(3); |of| of.queue().operations.to_string() => "3", "7", "262144";
        REQUEST_TIMEOUT = "7": request_timeout = Some(Duration::from_secs(3)); |of| of.request_timeout().as_secs().to_string() => "3", "7", "10";
        SHUTDOWN_TIMEOUT = "7": shutdown_timeout = Some(Duration::from_secs(3)); |of| of.shutdown_timeout().as_secs().to_string() => "3", "7", "5";
        DRAIN_TIMEOUT = "7": drain_timeout = Some(Duration::from_secs(3)); |of| of.drain_timeout().as_secs().to_string() => "3", "7", "10";
        ALLOW_INSECURE_HTTP = "yes": allow_insecure_http = Some(false); |of| of.allow_insecure_http.unwrap_or(false).to_string() => "false", "true", "false";
        API_URL = "http://b": api_url = Some("http://a".into()); |of| format!("{:?}", of.api_url) => "Some(\"http://a\")", "Some(\"http://b\")", "None";
        AGENT_ID = "b": agent_id = Some("a".into()); |of| format!("{:?}", of.agent_id) => "Some(\"a\")", "Some(\"b\")", "None";
        ENVIRONMENT_ID = "b": environment_id = Some("a".into()); |of| format!("{:?}", of.environment_id) => "Some(\"a\")", "Some(\"b\")", "None";
        AGENT_NAME = "b": agent = Some(Agent::new("a")); |of| format!("{:?}", of.agent.as_ref().map(Agent::name)) => "Some(\"a\")", "Some(\"b\")", "None";
        AGENT_IDENTIFIER = "2": agent = Some(Agent::new("a")); |of| format!("{:?}", of.agent.as_ref().map(Agent::version)) => "Some(\"1.0.0\")", "Some(\"2\")", "None";
        API_TOKEN = "b": token = Some(TokenSource::File("a".into())); |of| matches!(&of.token, Some(TokenSource::Fixed(token)) if !token.trim().is_empty()).to_string() => "false", "true", "false";
        API_TOKEN_FILE = "b": token = Some(TokenSource::Fixed("a".to_owned().into())); |of| matches!(of.token, Some(TokenSource::File(_))).to_string() => "false", "true", "false";
    };
    #[cfg(feature = "spool")]
    tried.extend(order! {
        SPOOL_DIR = "b": spool = Some("a".into()); |of| of.spool.as_ref().map_or_else(String::new, |of| of.path.display().to_string()) => "a", "b", "";
    });
    tried.push(exporters_are_those_of_the_builder_then_of_the_environment());
    tried.push(file_is_that_of_the_builder_then_of_the_environment());
    let is_setting = |name: &str| cfg!(feature = "spool") || name != SPOOL_DIR;
    let untried: Vec<_> = ALL.iter().filter(|(name, _)| !tried.contains(name) && is_setting(name)).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

/// A program drains under a disabled client too, in the time that a variable gives it.
#[test]
fn disabled_client_takes_the_variables_that_can_be_read() {
    let environment = [(DRAIN_TIMEOUT, "20"), (REQUEST_TIMEOUT, "soon"), (AGENT_NAME, "researcher")];
    let of_builder = (Settings { disabled: Some(true), ..Settings::default() }, &environment[..]);
    let of_environment = (Settings::default(), &[&environment[..], &[(DISABLED, "true")]].concat()[..]);
    for (given, environment) in [of_builder, of_environment] {
        let settings = filled(given, environment);
        assert_eq!((settings.drain_timeout().as_secs(), settings.request_timeout().as_secs()), (20, 10));
        assert_eq!(settings.agent().name(), "researcher");
    }
}

/// A client of a builder, in an environment with these variables alone.
fn built(builder: ClientBuilder, environment: &[(&str, &str)]) -> Client {
    let value =
        |name: &str| environment.iter().find(|(variable, _)| *variable == name).map(|(_, value)| *value);
    builder.build_with(|name| value(name).map(OsString::from)).unwrap()
}

fn exporters_are_those_of_the_builder_then_of_the_environment() -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let given = || Client::builder().file(folder.path().join("unused.jsonl"));
    for (builder, environment, expected) in [
        (given(), &[(EXPORTERS, "console")][..], &["file"][..]),
        (given(), &[(FILE, "of-the-environment.jsonl")], &["file"]),
        (Client::builder(), &[(EXPORTERS, "console")], &["console"]),
        (Client::builder(), &[(EXPORTERS, "  ")], &[]),
        (Client::builder(), &[], &[]),
    ] {
        let stats = built(builder, environment).processor_stats();
        let names: Vec<_> = stats.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected, "{environment:?}");
    }
    EXPORTERS
}

fn file_is_that_of_the_builder_then_of_the_environment() -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let [of_builder, of_environment] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
    let environment = [(EXPORTERS, "file"), (FILE, of_environment.to_str().unwrap())];
    for (builder, expected) in
        [(Client::builder().file(&*of_builder), [true, false]), (Client::builder(), [false, true])]
    {
        let client = built(builder, &environment);
        client.register("tester").span("test:one").complete(&());
        assert!(client.shutdown(Duration::from_secs(20)).is_complete);
        assert_eq!([&of_builder, &of_environment].map(|file| file.exists()), expected);
        let _ = [&of_builder, &of_environment].map(std::fs::remove_file);
    }
    for environment in [&[(FILE, "  ")][..], &[]] {
        let lookup = |_: &str| environment.first().map(|(_, value)| (*value).to_owned());
        let named = destinations::named("file", &lookup).unwrap();
        let [Destination::File(file)] = &named.destinations[..] else { panic!("{environment:?}") };
        assert!(format!("{file:?}").contains("\"prefactor-spans.jsonl\""), "{file:?}");
    }
    FILE
}
