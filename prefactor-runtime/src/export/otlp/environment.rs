//! The variables of OpenTelemetry for the destination and the content of spans.
//!
//! Their source is the specification of OpenTelemetry: "OpenTelemetry Protocol Exporter" and "Environment Variables".

use std::time::Duration;

use zeroize::Zeroizing;

use crate::types::error::Error;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// The settings of the environment. `None` where a variable is not set.
#[derive(Default)]
pub(super) struct Environment {
    /// The address of traces, and the variable that it is from.
    pub(super) endpoint: Option<(&'static str, String)>,
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    pub(super) timeout: Option<Duration>,
    pub(super) is_packed: Option<bool>,
    pub(super) certificate_file: Option<String>,
    pub(super) service_name: Option<String>,
    pub(super) resource: Vec<(String, String)>,
    pub(super) has_content: Option<bool>,
}

impl Environment {
    /// Reads them. An empty variable counts as unset.
    ///
    /// # Errors
    ///
    /// When a variable is malformed, or asks for something that is not supported.
    pub(super) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let text =
            |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let of_traces = |name: &str| {
            text(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"))
                .or_else(|| text(&format!("OTEL_EXPORTER_OTLP_{name}")))
        };
        check_protocol(of_traces("PROTOCOL").as_deref())?;
        for name in ["CLIENT_KEY", "CLIENT_CERTIFICATE"] {
            if of_traces(name).is_some() {
                return Err(Error::configuration(format!(
                    "OTEL_EXPORTER_OTLP_{name} asks for a client certificate, which prefactor does not send: unset it, and \
                     put a Collector in between that does"
                )));
            }
        }
        let base = |url: String| format!("{}/v1/traces", url.trim_end_matches('/'));
        let endpoint = text(TRACES_ENDPOINT).map(|url| (TRACES_ENDPOINT, url));
        let resource = pairs("OTEL_RESOURCE_ATTRIBUTES", text("OTEL_RESOURCE_ATTRIBUTES"))?;
        let named = resource.iter().find(|(key, _)| key == "service.name").map(|(_, name)| name.clone());
        let secret = |(name, value)| (name, Zeroizing::new(value));
        Ok(Self {
            endpoint: endpoint.or_else(|| text(ENDPOINT).map(|url| (ENDPOINT, base(url)))),
            headers: pairs("OTEL_EXPORTER_OTLP_HEADERS", of_traces("HEADERS"))?
                .into_iter()
                .map(secret)
                .collect(),
            timeout: of_traces("TIMEOUT").map(|text| milliseconds(&text)).transpose()?,
            is_packed: of_traces("COMPRESSION").map(|text| compression(&text)).transpose()?,
            certificate_file: of_traces("CERTIFICATE"),
            service_name: text("OTEL_SERVICE_NAME").or(named),
            resource,
            has_content: text(CONTENT).map(|text| content(&text)).transpose()?,
        })
    }
}

fn check_protocol(protocol: Option<&str>) -> Result<(), Error> {
    match protocol {
        None | Some("http/protobuf") => Ok(()),
        Some(_) => Err(Error::configuration(
            "OTEL_EXPORTER_OTLP_PROTOCOL asks for another protocol than http/protobuf, which is the one that every receiver \
             takes: set it to http/protobuf, and the port to that of OTLP over HTTP, as a rule 4318",
        )),
    }
}

fn milliseconds(text: &str) -> Result<Duration, Error> {
    text.parse().map(Duration::from_millis).map_err(|_| {
        Error::configuration(
            "OTEL_EXPORTER_OTLP_TIMEOUT is not a number of milliseconds: set it to one such as 10000",
        )
    })
}

fn compression(text: &str) -> Result<bool, Error> {
    match text {
        "gzip" => Ok(true),
        "none" => Ok(false),
        _ => Err(Error::configuration(
            "OTEL_EXPORTER_OTLP_COMPRESSION is neither gzip nor none: set it to one of them",
        )),
    }
}

/// The words of both worlds: those of OpenTelemetry's own instrumentations, and those of yes and no. Content on events only
/// is content that a span does not have.
fn content(text: &str) -> Result<bool, Error> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "span_only" | "span_and_event" => Ok(true),
        "false" | "0" | "no" | "off" | "event_only" | "no_content" => Ok(false),
        _ => Err(Error::configuration(format!(
            "{CONTENT} is none of true, false, span_only, event_only, span_and_event and no_content: set it to one of them"
        ))),
    }
}

/// `key=value,key=value`, percent-encoded, as in W3C baggage.
fn pairs(variable: &str, text: Option<String>) -> Result<Vec<(String, String)>, Error> {
    let text = text.unwrap_or_default();
    let malformed = || {
        Error::configuration(format!(
            "{variable} is not a list of pairs: write it as key=value,key=value, with %20 for a blank and %2C for a comma"
        ))
    };
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let (key, value) = entry.split_once('=').ok_or_else(malformed)?;
            let (key, value) = (decoded(key.trim()), decoded(value.trim()));
            key.zip(value).filter(|(key, _)| !key.is_empty()).ok_or_else(malformed)
        })
        .collect()
}

/// A percent sign that two digits do not follow stands for itself, as receivers' own readers have it.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits =
            after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let is_hexadecimal = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match digits.filter(is_hexadecimal).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, Error> {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(theirs, _)| *theirs == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Environment::read(&lookup)
    }

    #[test]
    fn address_of_traces_is_taken_as_it_is_and_the_general_one_gets_a_path() {
        let url = |variables: &[_]| read(variables).unwrap().endpoint.unwrap().1;
        assert_eq!(url(&[(ENDPOINT, "http://host:4318/")]), "http://host:4318/v1/traces");
        assert_eq!(url(&[(ENDPOINT, "http://host/a")]), "http://host/a/v1/traces");
        assert_eq!(url(&[(ENDPOINT, "http://host"), (TRACES_ENDPOINT, "http://other/x")]), "http://other/x");
        assert!(read(&[(ENDPOINT, " ")]).unwrap().endpoint.is_none());
    }

    #[test]
    fn headers_and_attributes_are_percent_decoded() {
        let environment = read(&[
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20a%3D%3D, x-key = 100% ,"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod%2Ceu,service.name=one"),
        ]);
        let environment = environment.unwrap();
        let headers: Vec<_> =
            environment.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(headers, [("authorization", "Basic a=="), ("x-key", "100%")]);
        assert_eq!(environment.resource[0], ("deployment.environment".to_owned(), "prod,eu".to_owned()));
        assert_eq!(environment.service_name.as_deref(), Some("one"));
        let both = [("OTEL_RESOURCE_ATTRIBUTES", "service.name=one"), ("OTEL_SERVICE_NAME", "two")];
        assert_eq!(read(&both).unwrap().service_name.as_deref(), Some("two"));
    }

    #[test]
    fn switches_of_content_are_read_in_both_vocabularies() {
        for (words, expected) in [
            (&["true", "1", "YES", "on", "span_only", "SPAN_AND_EVENT"][..], true),
            (&["false", "0", "No", "off", "event_only", "NO_CONTENT"], false),
        ] {
            for word in words {
                assert_eq!(read(&[(CONTENT, word)]).unwrap().has_content, Some(expected), "{word}");
            }
        }
        assert_eq!(read(&[]).unwrap().has_content, None);
    }

    #[test]
    fn unusable_value_is_an_error_that_names_the_variable_and_not_the_value() {
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc-canary"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "canary"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "canary"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "canary"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "canary"),
            (CONTENT, "canary"),
        ] {
            let Err(error) = read(&[(name, value)]) else { panic!("{name} is taken") };
            let text = error.to_string();
            assert!(error.is_configuration() && text.contains(name) && !text.contains("canary"), "{text}");
        }
    }
}
