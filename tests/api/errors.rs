//! The one error type: its questions, its advice, its source, and that its texts hold no token.

use std::error::Error as _;

use prefactor::export::otlp;
use prefactor::{Client, ClientBuilder, Error, Pfid};

const TOKEN: &str = "pf_0123456789abcdef-the-token-of-this-test";

fn builder() -> ClientBuilder {
    Client::builder().api_url("http://127.0.0.1:9").api_token(TOKEN)
}

/// An error, with the question that it answers with yes and a part of its advice.
fn errors() -> Vec<(Error, &'static str, &'static str)> {
    let of = |builder: ClientBuilder| builder.build().unwrap_err();
    let fresh = || Client::builder().api_token(TOKEN);
    vec![
        (of(builder().sample_rate(2.0)), "configuration", "0.1"),
        (of(builder().sample_rate_of("a:b", f64::NAN)), "configuration", "0.1"),
        (of(builder().agent_id("no id")), "configuration", "PREFACTOR_AGENT_ID"),
        (of(builder().environment_id("no id")), "configuration", "PREFACTOR_ENVIRONMENT_ID"),
        (of(fresh().api_url("no address")), "configuration", "PREFACTOR_API_URL"),
        (of(fresh().api_url(format!("https://{TOKEN}@example.org"))), "configuration", "PREFACTOR_API_URL"),
        (of(fresh().api_url("http://example.org")), "configuration", "https://"),
        (of(Client::builder().api_url("http://127.0.0.1:9")), "configuration", "PREFACTOR_API_TOKEN"),
        (of(builder().api_token("two\nlines")), "configuration", "PREFACTOR_API_TOKEN"),
        (of(builder().api_token_file("/no/such/file")), "configuration", "PREFACTOR_API_TOKEN_FILE"),
        (of(builder().sdk_entry("two words@1")), "configuration", "prefactor-rig@0.1.0"),
        (of(builder().add_root_certificates_pem("no certificate")), "configuration", "PEM"),
        ("no id".parse::<Pfid>().unwrap_err(), "invalid_id", "32 characters"),
        (TOKEN.parse::<Pfid>().unwrap_err(), "invalid_id", "32 characters"),
        (of(builder().agent_id(TOKEN)), "configuration", "PREFACTOR_AGENT_ID"),
    ]
}

#[test]
fn error_says_yes_to_one_question_and_what_to_do() {
    for (error, question, advice) in errors() {
        let answers = [
            ("configuration", error.is_configuration()),
            ("already_installed", error.is_already_installed()),
            ("thread", error.is_thread()),
            ("signal", error.is_signal()),
            ("invalid_id", error.is_invalid_id()),
            ("refused", error.is_refused()),
            ("unavailable", error.is_unavailable()),
            ("protocol", error.is_protocol()),
        ];
        let yes: Vec<_> = answers.iter().filter(|(_, is_so)| *is_so).map(|(name, _)| *name).collect();
        assert_eq!(yes, [question], "{error}");
        assert!(error.to_string().contains(advice), "{advice:?} is not in: {error}");
        assert_eq!((error.http_status(), error.code(), error.retry_after()), (None, None, None), "{error}");
    }
}

#[test]
fn no_token_is_in_an_error_or_behind_it() {
    for (error, ..) in errors() {
        let mut texts = format!("{error} {error:?} {error:#?}");
        let mut source = error.source();
        while let Some(cause) = source {
            texts.extend([" ", &cause.to_string(), " ", &format!("{cause:?}")]);
            source = cause.source();
        }
        assert!(
            !texts.contains(TOKEN) && !texts.contains("two\nlines") && !texts.contains("0123456789abcdef"),
            "{texts}"
        );
    }
}

#[test]
fn source_is_the_error_of_the_system_behind_it() {
    let error = builder().api_token_file("/no/such/file").build().unwrap_err();
    let source = error.source().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
    let error = builder().agent_id("no id").build().unwrap_err();
    assert!(error.source().unwrap().downcast_ref::<Error>().unwrap().is_invalid_id());
    assert!(builder().sample_rate(2.0).build().unwrap_err().source().is_none());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for error in [
        Client::builder().api_token(TOKEN).api_url("no address").build().unwrap_err(),
        builder().add_root_certificates_pem(broken).build().unwrap_err(),
        builder().otlp(otlp::collector().endpoint("no address")).build().unwrap_err(),
    ] {
        let source = error.source().unwrap_or_else(|| panic!("{error}"));
        assert!(error.to_string().contains(&source.to_string()), "{error}: {source}");
    }
}

#[test]
fn error_passes_through_boxes_and_threads() {
    fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        builder().sample_rate(2.0).build()?;
        Ok(())
    }
    let error = std::thread::spawn(|| boxed().unwrap_err()).join().unwrap();
    assert!(error.downcast_ref::<Error>().unwrap().is_configuration());
}
