//! The HTTP transport: the one module that knows the HTTP library.

mod address;
#[cfg(any(feature = "otlp", feature = "openai"))]
pub(crate) mod endpoint;
mod proxy;
mod retry_after;
mod sdk_header;
mod tls;
mod token;

use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{ClientBuilder, redirect};

use super::{Method, Request, Response, SendError, SendFuture, SendResult, Transport};
use crate::config::settings::Settings;
use crate::platform::internal_log;
use crate::platform::untrusted_text::untrusted;
use crate::types::error::Error;
use address::Address;
use sdk_header::SdkHeader;
use tls::Tls;
use token::Token;

/// To delivery an answer is a few hundred bytes a span; a server that sends more than this is not the API.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// A page of a list is a hundred spans with their payloads.
#[cfg(feature = "api")]
const MAX_LIST_BYTES: usize = 256 << 20;
/// Characters of an error that a log line quotes: it may contain names of the server's certificate.
const MAX_QUOTED_CHARACTERS: usize = 200;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than the idle timeout of common servers and load balancers (60 s), so that it is this side which
/// lets a connection go.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SDK_HEADER: HeaderName = HeaderName::from_static("x-prefactor-sdk");

/// Sends to the Prefactor API over HTTP/1.1.
pub(crate) struct HttpTransport {
    /// Replaced by [`Transport::reset`], read for each request.
    client: RwLock<reqwest::Client>,
    make: Box<dyn Fn() -> Result<reqwest::Client, Error> + Send + Sync>,
    /// Without a trailing slash.
    base: String,
    token: Token,
    sdk: SdkHeader,
    max_answer_bytes: usize,
}

impl HttpTransport {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let address = Address::parse(settings.api_url(), settings.allow_insecure_http.unwrap_or(false))?;
        let token = Token::new(settings.token()?)?;
        let sdk = SdkHeader::new(settings)?;
        let (its_address, timeout) = (address.clone(), settings.request_timeout());
        let make_builder = move || client_builder(&its_address, timeout);
        let (first, tls) = (make_builder()?, Tls::new(&address, settings)?);
        let first = build(tls.configure(first))?;
        let make = move || build(tls.configure(make_builder()?));
        let transport = Self {
            client: RwLock::new(first),
            make: Box::new(make),
            base: address.base(),
            token,
            sdk,
            max_answer_bytes: MAX_ANSWER_BYTES,
        };
        if address.is_exposed() {
            internal_log::log_always("the API token is sent in clear text, as allow_insecure_http permits");
        }
        Ok(transport)
    }

    /// For lists of recorded spans and runs.
    #[cfg(feature = "api")]
    pub(crate) fn for_lists(self) -> Self {
        Self { max_answer_bytes: MAX_LIST_BYTES, ..self }
    }

    /// One client for good.
    #[cfg(test)]
    fn of_client(client: reqwest::Client, address: &Address, token: Token) -> Self {
        let (first, base) = (RwLock::new(client.clone()), address.base());
        Self {
            client: first,
            make: Box::new(move || Ok(client.clone())),
            base,
            token,
            sdk: SdkHeader::of(Vec::new()),
            max_answer_bytes: MAX_ANSWER_BYTES,
        }
    }

    fn client(&self) -> reqwest::Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a request, and once more where the API refused a token that has changed since it was read: a refused request has
    /// done nothing.
    async fn send_authorized(&self, request: Request) -> Result<SendResult, reqwest::Error> {
        let Request { method, path, body } = request;
        let (url, body) = (format!("{}{path}", self.base), Bytes::from(body));
        let token = match self.token.header() {
            Ok(token) => token,
            Err(cause) => return Ok(Err(SendError::unanswered(cause.to_string()))),
        };
        let response = self.exchange(method, &url, body.clone(), token).await?;
        let is_refused = matches!(&response, Ok(response) if response.status == 401);
        match is_refused.then(|| self.token.renewed()).flatten() {
            Some(token) => self.exchange(method, &url, body, token).await,
            None => Ok(response),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        url: &str,
        body: Bytes,
        token: HeaderValue,
    ) -> Result<SendResult, reqwest::Error> {
        let prepared = match method {
            Method::Get => self.client().get(url),
            Method::Post => self.client().post(url).header(CONTENT_TYPE, JSON).body(body),
            Method::Put => self.client().put(url).header(CONTENT_TYPE, JSON).body(body),
            Method::Delete => self.client().delete(url),
        };
        let prepared = prepared.header(AUTHORIZATION, token).header(SDK_HEADER, self.sdk.value());
        let mut response = prepared.send().await?;
        let status = response.status().as_u16();
        let retry_after = retry_after::read(response.headers(), SystemTime::now());
        let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > self.max_answer_bytes {
            return Ok(too_long(self.max_answer_bytes));
        }
        let mut body = Vec::with_capacity(announced.min(MAX_ANSWER_BYTES));
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.max_answer_bytes {
                return Ok(too_long(self.max_answer_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Ok(Response { status, body, retry_after }))
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> SendFuture<'_> {
        Box::pin(async move {
            self.send_authorized(request).await.unwrap_or_else(|error| {
                // A request that fails without a timeout, after it was connected, was cut off by the server.
                let is_closed = error.is_request() && !error.is_connect() && !error.is_timeout();
                let (is_timed_out, is_not_sent) = (error.is_timeout(), error.is_connect());
                let cause = describe(error);
                Err(if is_not_sent {
                    SendError::not_sent(cause)
                } else if is_timed_out {
                    SendError::timed_out(cause)
                } else if is_closed {
                    SendError::connection_closed(cause)
                } else {
                    SendError::unanswered(cause)
                })
            })
        })
    }

    fn reset(&self) {
        // A client closes its connections only when it is dropped. Requests under way keep the old client.
        if let Ok(client) = (self.make)() {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
        }
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpTransport")
            .field("client", &self.client())
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

fn build(builder: ClientBuilder) -> Result<reqwest::Client, Error> {
    builder.build().map_err(reqwest::Error::without_url).map_err(|cause| {
        Error::configuration(format!(
            "the HTTP client could not be built ({cause}): check the certificate authorities, the TLS features and the \
             proxy variables that the program is given"
        ))
        .caused_by(cause)
    })
}

/// Everything but TLS.
fn client_builder(address: &Address, request_timeout: Duration) -> Result<ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .https_only(!address.is_clear_text())
        .retry(reqwest::retry::never())
        .timeout(request_timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        // Other crates of the program may enable these features of the library, which must change nothing here.
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .no_hickory_dns();
    // A proxy would see the token of a clear-text request, and a loopback address needs no proxy.
    if address.is_clear_text() || address.is_loopback() {
        return Ok(builder.no_proxy());
    }
    proxy::check(|name| std::env::var_os(name))?;
    Ok(builder)
}

fn too_long(max_bytes: usize) -> SendResult {
    Err(SendError::unanswered(format!("the answer is longer than {max_bytes} bytes")))
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
    untrusted(&text, MAX_QUOTED_CHARACTERS)
}

#[cfg(test)]
pub(crate) mod tests;
