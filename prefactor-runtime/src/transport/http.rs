//! The HTTP transport: the one file that knows the HTTP library.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Url, redirect};

use super::{Answer, Method, Request, Transport};
use crate::config::{ApiToken, variable};
use crate::error::Error;

/// An answer is a few hundred bytes a span; a server that sends more than this is not the API.
const MAX_ANSWER_BYTES: usize = 4 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than the idle timeout of common servers and load balancers (60 s), so that it is this side which
/// lets a connection go.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SDK_HEADER: HeaderName = HeaderName::from_static("x-prefactor-sdk");
const SDK: HeaderValue = HeaderValue::from_static(concat!("prefactor-rust@", env!("CARGO_PKG_VERSION")));

/// Sends to the Prefactor API over HTTP/1.1.
#[derive(Debug)]
pub(crate) struct HttpTransport {
    client: reqwest::Client,
    /// Without a trailing slash.
    base: String,
}

impl HttpTransport {
    pub(crate) fn new(api_url: &str, token: &ApiToken, request_timeout: Duration) -> Result<Self, Error> {
        let url = parse_url(api_url)?;
        let is_loopback = is_loopback(&url);
        check_scheme(&url, is_loopback)?;

        let mut builder = reqwest::Client::builder()
            .default_headers(headers(token)?)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(request_timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        if is_loopback {
            builder = builder.no_proxy();
        }
        let client = with_tls(builder, &url)?.build().map_err(|cause| {
            Error::configuration(format!("the HTTP client could not be built ({})", cause.without_url()))
        })?;
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned() })
    }

    async fn exchange(&self, request: Request) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{}", self.base, request.path);
        let prepared = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url).header(CONTENT_TYPE, JSON).body(request.body),
        };
        let mut response = prepared.send().await?;
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Ok(Answer::Unknown {
                    cause: format!("the answer is longer than {MAX_ANSWER_BYTES} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer::Response { status, body, retry_after })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            self.exchange(request).await.unwrap_or_else(|error| Answer::Unknown { cause: describe(error) })
        })
    }
}

fn parse_url(api_url: &str) -> Result<Url, Error> {
    let refuse = |problem: &str| {
        let variable = variable::API_URL;
        Error::configuration(format!(
            "{variable} {problem}: give it an address like https://app.prefactorai.com"
        ))
    };
    // The text itself is not repeated: it may carry a password.
    let url = Url::parse(api_url).map_err(|cause| refuse(&format!("is not a URL ({cause})")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refuse("is neither an https:// nor an http:// address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("contains a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("contains a query or fragment"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn check_scheme(url: &Url, is_loopback: bool) -> Result<(), Error> {
    if url.scheme() == "http" && !is_loopback {
        let variable = variable::API_URL;
        return Err(Error::configuration(format!(
            "{variable} would send the token in clear text to {}: use https://, or a loopback address such as \
             http://127.0.0.1:4000",
            url.host_str().unwrap_or_default()
        )));
    }
    if url.scheme() == "https" && cfg!(not(feature = "rustls")) {
        let variable = variable::API_URL;
        return Err(Error::configuration(format!(
            "{variable} is an https:// address but prefactor was built without TLS: enable its feature `rustls`"
        )));
    }
    Ok(())
}

#[cfg(feature = "rustls")]
fn with_tls(builder: reqwest::ClientBuilder, url: &Url) -> Result<reqwest::ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring};
    use rustls_platform_verifier::BuilderVerifierExt as _;

    // The provider is given here and not installed for the process: another crate may have installed its own.
    let unusable = |cause: rustls::Error| {
        Error::configuration(format!(
            "no certificate authorities could be loaded for https:// ({cause}): install the ca-certificates \
             package, or set SSL_CERT_FILE to a bundle"
        ))
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let config = if url.scheme() == "https" {
        config.with_platform_verifier().map_err(unusable)?
    } else {
        // Reading the system's store takes tens of milliseconds, fails in bare containers, and is of no use here.
        config.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

#[cfg(not(feature = "rustls"))]
#[expect(clippy::unnecessary_wraps, reason = "its twin with TLS can fail")]
fn with_tls(builder: reqwest::ClientBuilder, _: &Url) -> Result<reqwest::ClientBuilder, Error> {
    Ok(builder)
}

fn headers(token: &ApiToken) -> Result<HeaderMap, Error> {
    let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
        let variable = variable::API_TOKEN;
        Error::configuration(format!(
            "{variable} contains characters that no token has: copy it again, on one line"
        ))
    })?;
    authorization.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, authorization), (SDK_HEADER, SDK)]))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The error and its causes without the address, which may carry more than a host.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(url: &str) -> Result<HttpTransport, Error> {
        HttpTransport::new(url, &ApiToken::new("secret-token").unwrap(), Duration::from_secs(1))
    }

    #[test]
    fn clear_text_is_for_loopback_only() {
        for url in ["http://127.0.0.1:4000", "http://localhost", "http://[::1]:1/", "http://127.8.0.1"] {
            assert!(attempt(url).is_ok(), "{url}");
        }
        for url in [
            "http://app.prefactorai.com",
            "http://localhost.evil.com",
            "http://127.0.0.1.nip.io",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0",
            "http://192.168.0.1",
        ] {
            let error = attempt(url).unwrap_err();
            assert!(error.is_configuration());
            assert!(
                error.to_string().contains("PREFACTOR_API_URL") && error.to_string().contains("https://"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_address_that_is_none_names_the_variable_and_the_cure() {
        for url in [
            "",
            "app.prefactorai.com",
            "ftp://host",
            "https://u:canary@host",
            "https://host?canary",
            "https://",
        ] {
            let error = attempt(url).unwrap_err().to_string();
            assert!(
                error.contains("PREFACTOR_API_URL") && error.contains("https://app.prefactorai.com"),
                "{error}"
            );
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn the_token_is_not_in_the_debug_text() {
        let transport = attempt("http://127.0.0.1:4000").unwrap();
        assert!(!format!("{transport:?}").contains("secret-token"));
    }
}
