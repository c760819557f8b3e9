//! `PREFACTOR_EXPORTERS`, and its errors when a client is built. Each case is this test, run again with variables.

use std::ffi::OsStr;
use std::process::Command;

use prefactor::Client;
use prefactor::export::{OpenAi, otlp};
use prefactor_tests::receiver::{Received, Receiver};
use serde_json::json;

use crate::support::TIMEOUT;

const CASE: &str = "PREFACTOR_TEST_CASE";
/// Set for the run that records a span and shuts its client down.
const RECORDS: &str = "PREFACTOR_TEST_RECORDS";
/// The address of an exporter to OpenAI, which no variable of OpenAI's names.
const OPENAI_ENDPOINT: &str = "PREFACTOR_TEST_OPENAI";

/// Returns the output of a client that names no destination, under these variables. It records a span.
fn said<V: AsRef<OsStr>>(variables: &[(&str, V)]) -> String {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "environment::case_of_another_process", "--nocapture"]).env(CASE, "1");
    for name in ["PREFACTOR_API_TOKEN", "OPENAI_API_KEY", "PREFACTOR_EXPORTERS"] {
        program.env_remove(name);
    }
    let output = program.envs(variables.iter().map(|(name, value)| (name, value.as_ref()))).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn case_of_another_process() {
    if std::env::var_os(CASE).is_none() {
        return;
    }
    let mut builder = Client::builder();
    if let Ok(endpoint) = std::env::var(OPENAI_ENDPOINT) {
        builder = builder.openai(OpenAi::new().endpoint(endpoint));
    }
    match builder.build() {
        Ok(client) => {
            if std::env::var_os(RECORDS).is_some() {
                let run = client.register("tester");
                run.span("agent:llm_call").complete(&json!({ "text": "the answer" }));
                drop(run);
                println!("complete {}", client.shutdown(TIMEOUT).is_complete);
            }
            let names: Vec<_> = client.processor_stats().into_iter().map(|(name, _)| name).collect();
            println!("built {} {}", client.is_enabled(), names.join(","));
        }
        Err(error) => println!("refused {error}"),
    }
}

#[test]
fn variable_names_destinations_and_none_needs_an_account() {
    let token = ("PREFACTOR_API_TOKEN", "canary-token");
    for (variables, expected) in [
        (&[("PREFACTOR_EXPORTERS", "console")][..], "built true console"),
        (&[("PREFACTOR_EXPORTERS", "otlp, console")], "built true otlp,console"),
        (&[("PREFACTOR_EXPORTERS", "phoenix")], "built true phoenix"),
        (&[("PREFACTOR_EXPORTERS", "openai"), ("OPENAI_API_KEY", "sk")], "built true openai"),
        (&[("PREFACTOR_EXPORTERS", "prefactor,file"), token], "built true file"),
        (&[("PREFACTOR_EXPORTERS", "none"), token], "built false"),
        (&[("PREFACTOR_EXPORTERS", "none"), ("PREFACTOR_FILE", "spans.jsonl")], "built false"),
        (&[("PREFACTOR_DISABLED", "true"), ("PREFACTOR_FILE", "spans.jsonl")], "built false"),
    ] {
        let said = said(variables);
        assert!(said.contains(expected), "{variables:?}: {said}");
    }
}

#[test]
fn destinations_are_named_in_any_case() {
    assert!(said(&[("PREFACTOR_EXPORTERS", "Console,OTLP")]).contains("built true console,otlp"));
}

#[test]
fn variable_that_is_misspelt_is_named_with_the_one_that_was_meant() {
    let said = said(&[("PREFACTOR_EXPORTER", "console"), ("PREFACTOR_PROFILE", "canary")]);
    assert_eq!(
        said.matches("PREFACTOR_EXPORTER is set, and nothing reads it: PREFACTOR_EXPORTERS is").count(),
        1,
        "{said}"
    );
    assert!(said.contains("PREFACTOR_EXPORTERS=console to see them in the terminal"), "{said}");
    assert!(!said.contains("PREFACTOR_PROFILE") && said.contains("built false"), "{said}");
}

#[test]
fn impossible_setting_is_an_error_with_its_cure() {
    for (variables, words) in [
        (&[("PREFACTOR_EXPORTERS", "colsole")][..], &["PREFACTOR_EXPORTERS", "console"][..]),
        (&[("PREFACTOR_EXPORTERS", "console,console")], &["twice"]),
        (&[("PREFACTOR_EXPORTERS", "none,console")], &["none and others"]),
        (&[("PREFACTOR_EXPORTERS", "prefactor,console")], &["PREFACTOR_API_TOKEN"]),
        (&[("PREFACTOR_EXPORTERS", "openai")], &["OPENAI_API_KEY"]),
        (&[("PREFACTOR_FILE", "canary")], &["PREFACTOR_EXPORTERS to file, or", "unset PREFACTOR_FILE"]),
        (
            &[("PREFACTOR_FILE", "canary"), ("PREFACTOR_EXPORTERS", "console")],
            &["PREFACTOR_EXPORTERS to console,file, or", "unset PREFACTOR_FILE"],
        ),
        (&[("PREFACTOR_EXPORTERS", "langfuse")], &["LANGFUSE_PUBLIC_KEY"]),
        (
            &[("PREFACTOR_EXPORTERS", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            &["OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"],
        ),
        (
            &[
                ("PREFACTOR_EXPORTERS", "otlp"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://203.0.113.1:4318"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary"),
            ],
            &["clear text", "allow_insecure_http"],
        ),
    ] {
        let said = said(variables);
        assert!(said.contains("refused") && !said.contains("canary"), "{variables:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{variables:?}: {said}");
    }
}

/// Variables of each destination, by its word.
const OF_DESTINATIONS: [(&str, &[&str]); 4] = [
    (
        "otlp",
        &[
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
            "OTEL_SERVICE_NAME",
            "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        ],
    ),
    ("phoenix", &["PHOENIX_COLLECTOR_ENDPOINT", "PHOENIX_API_KEY", "PHOENIX_PROJECT_NAME"]),
    ("langfuse", &["LANGFUSE_HOST", "LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"]),
    ("openai", &["OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"]),
];

/// Otherwise spans would go to a default address, or with content that the user keeps back.
#[cfg(unix)]
#[test]
fn variable_of_a_destination_that_is_not_utf_8_is_an_error_that_names_it() {
    use std::os::unix::ffi::OsStrExt as _;

    let keys = ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "OPENAI_API_KEY"];
    for (destination, names) in OF_DESTINATIONS {
        for name in names {
            let mut variables = vec![("PREFACTOR_EXPORTERS", OsStr::new(destination))];
            variables.extend(keys.map(|key| (key, OsStr::new("key"))));
            variables.retain(|(key, _)| key != name);
            variables.push((name, OsStr::from_bytes(b"canary\xff")));
            let said = said(&variables);
            let expected = format!("refused {name} is not valid UTF-8");
            assert!(said.contains(&expected) && said.contains("unset it"), "{destination}, {name}: {said}");
            assert!(!said.contains("canary"), "{name}: {said}");
        }
    }
}

/// Returns the request of a program that records a span, under these variables. `{}` in a value is the receiver's
/// address.
fn sent(variables: &[(&str, &str)]) -> Received {
    let receiver = Receiver::start([]);
    let variables: Vec<_> = variables
        .iter()
        .chain(&[(RECORDS, "1")])
        .map(|(name, value)| (*name, value.replace("{}", receiver.url())))
        .collect();
    let said = said(&variables);
    assert!(said.contains("complete true"), "{variables:?}: {said}");
    receiver.requests().remove(0)
}

fn contains(request: &Received, text: &str) -> bool {
    String::from_utf8_lossy(&request.body).contains(text)
}

#[test]
fn variables_of_opentelemetry_say_where_spans_go_and_what_is_in_them() {
    let of_otlp = ("PREFACTOR_EXPORTERS", "otlp");
    let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "{}/base/");
    let request = sent(&[
        of_otlp,
        general,
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-both=general,x-key=a%20b%2Cc%3D%25,authorization=Basic%20eA%3D%3D"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod%2Ceu,service.name=lost"),
        ("OTEL_SERVICE_NAME", "from-variable"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "9000"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ]);
    assert_eq!(request.path, "/base/v1/traces");
    assert_eq!((&*request.headers["x-key"], &*request.headers["authorization"]), ("a b,c=%", "Basic eA=="));
    for (text, is_there) in
        [("deployment.environment.name", true), ("prod,eu", true), ("from-variable", true), ("lost", false)]
    {
        assert_eq!(contains(&request, text), is_there, "{text}");
    }
    let request = sent(&[
        of_otlp,
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "{}/exact"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=general"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=of-traces"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=of-attributes,service.version=7"),
    ]);
    assert_eq!((&*request.path, &*request.headers["x-key"]), ("/exact", "of-traces"));
    assert!(contains(&request, "of-attributes"), "the name of the service");
}

#[test]
fn switches_of_content_of_both_vocabularies_decide_what_is_sent() {
    for (word, is_sent) in [
        ("true", true),
        ("1", true),
        ("SPAN_ONLY", true),
        ("span_and_event", true),
        ("false", false),
        ("off", false),
        ("event_only", false),
        ("NO_CONTENT", false),
    ] {
        let request = sent(&[
            ("PREFACTOR_EXPORTERS", "otlp"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "{}"),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", word),
        ]);
        assert_eq!(contains(&request, "the answer"), is_sent, "{word}");
        assert!(contains(&request, "agent:llm_call"), "{word}");
    }
}

#[test]
fn presets_set_the_address_the_credentials_and_what_their_receiver_needs() {
    // Variables of OpenTelemetry name another receiver, so their headers must not reach a preset's.
    let of_another = ("OTEL_EXPORTER_OTLP_HEADERS", "x-of-another=canary");
    let request = sent(&[
        ("PREFACTOR_EXPORTERS", "phoenix"),
        ("PHOENIX_COLLECTOR_ENDPOINT", "{}/"),
        ("PHOENIX_API_KEY", "phoenix-key"),
        ("PHOENIX_PROJECT_NAME", "a project"),
        of_another,
    ]);
    assert_eq!((&*request.path, &*request.headers["authorization"]), ("/v1/traces", "Bearer phoenix-key"));
    assert!(contains(&request, "openinference.project.name") && contains(&request, "a project"));
    assert!(!request.headers.contains_key("x-of-another"));
    let request = sent(&[
        ("PREFACTOR_EXPORTERS", "langfuse"),
        ("LANGFUSE_HOST", "{}"),
        ("LANGFUSE_PUBLIC_KEY", "pk"),
        ("LANGFUSE_SECRET_KEY", "sk"),
        of_another,
    ]);
    assert_eq!(request.path, "/api/public/otel/v1/traces");
    assert_eq!(request.headers["authorization"], "Basic cGs6c2s=");
    assert_eq!(request.headers["x-langfuse-ingestion-version"], "4");
    assert!(!request.headers.contains_key("x-of-another"));
    let request = sent(&[("PREFACTOR_EXPORTERS", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "{}"), of_another]);
    assert_eq!((&*request.path, &*request.headers["x-of-another"]), ("/v1/traces", "canary"));
}

#[test]
fn variables_of_openai_are_key_organization_and_project() {
    let request = sent(&[
        (OPENAI_ENDPOINT, "{}"),
        ("OPENAI_API_KEY", "sk-env"),
        ("OPENAI_ORG_ID", "org-env"),
        ("OPENAI_PROJECT_ID", "proj-env"),
    ]);
    for (name, value) in [
        ("authorization", "Bearer sk-env"),
        ("openai-organization", "org-env"),
        ("openai-project", "proj-env"),
    ] {
        assert_eq!(request.headers[name], value, "{name}");
    }
}

#[test]
fn console_of_a_process_whose_output_is_no_terminal_is_plain() {
    for colours in [("NO_COLOR", ""), ("NO_COLOR", "1")] {
        let said = said(&[("PREFACTOR_EXPORTERS", "console"), (RECORDS, "1"), colours]);
        assert!(said.contains("  agent:llm_call  ") && !said.contains('\u{1b}'), "{said}");
    }
}

#[test]
fn two_destinations_of_one_name_are_an_error_and_two_names_are_none() {
    let twice = || Client::builder().otlp(otlp::collector());
    let error = twice().otlp(otlp::collector()).build().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("Otlp::name"), "{error}");
    assert!(twice().otlp(otlp::collector().name("second")).build().is_ok());
}

#[test]
fn debug_texts_show_no_key() {
    let texts = [
        format!("{:?}", OpenAi::new().api_key("canary")),
        format!("{:?}", otlp::langfuse("pk", "canary").header("x", "canary").endpoint("http://canary")),
    ];
    assert!(texts.iter().all(|text| !text.contains("canary")), "{texts:?}");
}
