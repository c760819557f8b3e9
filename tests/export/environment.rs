//! `PREFACTOR_EXPORTERS`, and what is an error when a client is built. Each case is this test, run again with variables.

use std::process::Command;

use prefactor::Client;
use prefactor::export::{OpenAi, otlp};

const CASE: &str = "PREFACTOR_TEST_CASE";

/// What a client that names nothing says of itself, with these variables.
fn said(variables: &[(&str, &str)]) -> String {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "environment::case_of_another_process", "--nocapture"]).env(CASE, "1");
    for name in ["PREFACTOR_API_TOKEN", "OPENAI_API_KEY", "PREFACTOR_EXPORTERS"] {
        program.env_remove(name);
    }
    let output = program.envs(variables.iter().copied()).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn case_of_another_process() {
    if std::env::var_os(CASE).is_none() {
        return;
    }
    match Client::builder().build() {
        Ok(client) => {
            let names: Vec<_> = client.processor_stats().into_iter().map(|(name, _)| name).collect();
            println!("built {} {}", client.is_enabled(), names.join(","));
        }
        Err(error) => println!("refused {error}"),
    }
}

#[test]
fn the_variable_names_destinations_and_none_needs_an_account() {
    let token = ("PREFACTOR_API_TOKEN", "canary-token");
    for (variables, expected) in [
        (&[("PREFACTOR_EXPORTERS", "console")][..], "built true console"),
        (&[("PREFACTOR_EXPORTERS", "otlp, console")], "built true otlp,console"),
        (&[("PREFACTOR_EXPORTERS", "phoenix")], "built true phoenix"),
        (&[("PREFACTOR_EXPORTERS", "openai"), ("OPENAI_API_KEY", "sk")], "built true openai"),
        (&[("PREFACTOR_EXPORTERS", "prefactor,file"), token], "built true file"),
        (&[("PREFACTOR_EXPORTERS", "none"), token], "built false"),
    ] {
        let said = said(variables);
        assert!(said.contains(expected), "{variables:?}: {said}");
    }
}

#[test]
fn what_cannot_be_is_an_error_that_says_the_cure() {
    for (variables, words) in [
        (&[("PREFACTOR_EXPORTERS", "colsole")][..], &["PREFACTOR_EXPORTERS", "console"][..]),
        (&[("PREFACTOR_EXPORTERS", "console,console")], &["twice"]),
        (&[("PREFACTOR_EXPORTERS", "none,console")], &["none and others"]),
        (&[("PREFACTOR_EXPORTERS", "prefactor,console")], &["PREFACTOR_API_TOKEN"]),
        (&[("PREFACTOR_EXPORTERS", "openai")], &["OPENAI_API_KEY"]),
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
