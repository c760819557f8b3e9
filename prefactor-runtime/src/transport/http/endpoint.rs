//! Posts to the one address of an exporter, without retries, redirects or anything of the Prefactor API.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Url, redirect};
use zeroize::Zeroizing;

use super::tls::Tls;
use super::{CONNECT_TIMEOUT, IDLE_TIMEOUT, address, build, describe, proxy, retry_after};
use crate::config::settings::Settings;
use crate::transport::SendError;
use crate::types::error::Error;

/// Answers of receivers are short; one that is longer says nothing that is read.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// The settings of an endpoint.
#[derive(Clone)]
pub(crate) struct EndpointConfig {
    /// The setting that names the address, for errors.
    pub(crate) setting: &'static str,
    pub(crate) url: String,
    /// Names and values, which may be secrets.
    pub(crate) headers: Vec<(String, Zeroizing<String>)>,
    pub(crate) timeout: Duration,
    /// A PEM text with certificate authorities, besides those of the client.
    pub(crate) root_certificates_pem: Option<Vec<u8>>,
}

/// A client for one address.
pub(crate) struct Endpoint {
    client: reqwest::Client,
    url: Url,
}

/// An answer, as far as it is read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    #[cfg(feature = "otlp")]
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
    /// `x-should-retry`, where the server says so.
    #[cfg(feature = "openai")]
    pub(crate) should_retry: Option<bool>,
    /// Whether it is a page for people.
    #[cfg(feature = "otlp")]
    pub(crate) is_html: bool,
}

impl Endpoint {
    /// Checks everything and sends nothing.
    ///
    /// # Errors
    ///
    /// When the address or a header is malformed, or a header would be sent in clear text to another machine.
    pub(crate) fn new(config: EndpointConfig, settings: &Settings) -> Result<Self, Error> {
        let EndpointConfig { setting, url, headers, timeout, root_certificates_pem } = config;
        let refuse = |problem: &str| {
            Error::configuration(format!(
                "{setting} {problem}: give it an address like http://127.0.0.1:4318/v1/traces"
            ))
        };
        let url =
            Url::parse(&url).map_err(|cause| refuse(&format!("is not a URL ({cause})")).caused_by(cause))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(refuse("is neither an https:// nor an http:// address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("contains a user name or password"));
        }
        let address = address::Address::of(url.clone());
        if address.is_exposed() && !headers.is_empty() && !settings.allow_insecure_http.unwrap_or(false) {
            return Err(Error::configuration(format!(
                "{setting} would send headers, which may be secrets, in clear text to another machine: use https://, or \
                 call allow_insecure_http(true) if the network is trusted"
            )));
        }
        let mut settings = settings.clone();
        add_roots(&mut settings, root_certificates_pem);
        let builder = reqwest::Client::builder()
            .default_headers(header_map(&headers)?)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns();
        let builder = if address.is_clear_text() || address.is_loopback() {
            builder.no_proxy()
        } else {
            proxy::check(|name| std::env::var_os(name))?;
            builder
        };
        let client = build(Tls::new(&address, &settings)?.configure(builder))?;
        Ok(Self { client, url })
    }

    /// Posts a body once. Headers are not checked: they are ours, or were read from a key that was checked.
    pub(crate) async fn post(
        &self,
        content_type: &'static str,
        headers: &[(&'static str, &HeaderText)],
        body: Bytes,
    ) -> Result<Answer, SendError> {
        let mut request =
            self.client.post(self.url.clone()).header(CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), value.0.clone());
        }
        self.exchange(request.body(body)).await.map_err(|error| {
            let (is_timed_out, is_connect) = (error.is_timeout(), error.is_connect());
            let cause = describe(error);
            if is_timed_out {
                SendError::timed_out(cause)
            } else if is_connect {
                SendError::connection_closed(cause)
            } else {
                SendError::unanswered(cause)
            }
        })
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let retry_after = retry_after::read_with_millis(response.headers(), SystemTime::now());
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        #[cfg(feature = "openai")]
        let should_retry = text("x-should-retry").and_then(|text| text.parse().ok());
        #[cfg(feature = "otlp")]
        let is_html = text("content-type").is_some_and(|text| text.starts_with("text/html"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            #[cfg(feature = "otlp")]
            body,
            retry_after,
            #[cfg(feature = "openai")]
            should_retry,
            #[cfg(feature = "otlp")]
            is_html,
        })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

/// A header's value, checked; it does not show in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HeaderText(HeaderValue);

impl HeaderText {
    /// `None` where a header cannot have that value.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(text).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }
}

fn header_map(headers: &[(String, Zeroizing<String>)]) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let malformed = |what: &str| {
            Error::configuration(format!(
                "a header {what}: give it a name and a value such as authorization=Bearer KEY"
            ))
        };
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| malformed("has a name that HTTP does not allow"))?;
        let HeaderText(value) = HeaderText::new(value)
            .ok_or_else(|| malformed(&format!("{name} has a value that HTTP does not allow")))?;
        map.insert(name, value);
    }
    Ok(map)
}

#[cfg(any(feature = "__rustls", feature = "native-tls"))]
fn add_roots(settings: &mut Settings, pem: Option<Vec<u8>>) {
    settings.root_certificates_pem.extend(pem);
}

/// Without TLS no certificate is ever looked at.
#[cfg(not(any(feature = "__rustls", feature = "native-tls")))]
fn add_roots(_: &mut Settings, _: Option<Vec<u8>>) {}
