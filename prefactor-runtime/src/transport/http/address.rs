//! The address of the API: checked once, so that the token goes nowhere else.

use std::net::IpAddr;

use reqwest::Url;

use crate::config::variable;
use crate::types::error::Error;

/// Where requests go.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: Url,
    is_loopback: bool,
}

impl Address {
    /// Reads an address, and refuses one that would put the token at risk.
    pub(super) fn parse(api_url: &str, allow_insecure_http: bool) -> Result<Self, Error> {
        let url = parse(api_url)?;
        let address = Self { is_loopback: is_loopback(&url), url };
        if address.is_exposed() && !allow_insecure_http {
            let variable = variable::API_URL;
            return Err(Error::configuration(format!(
                "{variable} would send the token in clear text to {}: use https://, or a loopback address such as \
                 http://127.0.0.1:4000",
                address.url.host_str().unwrap_or_default()
            )));
        }
        Ok(address)
    }

    /// One that was read already.
    #[cfg(any(feature = "otlp", feature = "openai"))]
    pub(super) fn of(url: Url) -> Self {
        Self { is_loopback: is_loopback(&url), url }
    }

    /// Without a trailing slash, and without the `/api/v1` that some programs give with it: the paths of requests begin so.
    pub(super) fn base(&self) -> String {
        let base = self.url.as_str().trim_end_matches('/');
        base.strip_suffix("/api/v1").unwrap_or(base).trim_end_matches('/').to_owned()
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    pub(super) fn is_clear_text(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether the token can be read on its way.
    pub(super) fn is_exposed(&self) -> bool {
        self.is_clear_text() && !self.is_loopback
    }
}

fn parse(api_url: &str) -> Result<Url, Error> {
    let refuse = |problem: &str| {
        let variable = variable::API_URL;
        Error::configuration(format!(
            "{variable} {problem}: give it an address like https://app.prefactorai.com, or http://localhost:7411 for a \
             local server"
        ))
    };
    // Does not repeat the text, which may contain a password.
    let url =
        Url::parse(api_url).map_err(|cause| refuse(&format!("is not a URL ({cause})")).caused_by(cause))?;
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

/// `127.0.0.0/8`, `::1` and exactly `localhost`: a name that only begins or ends so may lead anywhere.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_is_for_loopback_only() {
        // The last one is 127.0.0.1 as browsers write it; the URL parser reads it as such.
        for url in [
            "http://127.0.0.1:4000",
            "http://localhost",
            "http://[::1]:1/",
            "http://127.8.0.1",
            "http://0x7f.1",
        ] {
            let address = Address::parse(url, false).unwrap();
            assert!(address.is_loopback() && !address.is_exposed(), "{url}");
        }
        for url in [
            "http://app.prefactorai.com",
            "http://localhost.evil.com",
            "http://localhost.",
            "http://127.0.0.1.nip.io",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0",
            "http://192.168.0.1",
        ] {
            let error = Address::parse(url, false).unwrap_err();
            assert!(error.is_configuration());
            let text = error.to_string();
            assert!(text.contains("PREFACTOR_API_URL") && text.contains("https://"), "{text}");
            let address = Address::parse(url, true).unwrap();
            assert!(address.is_exposed() && !address.is_loopback(), "{url}");
        }
    }

    #[test]
    fn address_that_is_none_names_the_variable_and_the_cure() {
        for url in [
            "",
            "app.prefactorai.com",
            "ftp://host",
            "unix:/run/canary.sock",
            "https://u:canary@host",
            "https://canary@host",
            "https://host?canary",
            "https://host#canary",
            "https://",
        ] {
            let error = Address::parse(url, true).unwrap_err().to_string();
            assert!(
                error.contains("PREFACTOR_API_URL") && error.contains("https://app.prefactorai.com"),
                "{error}"
            );
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn paths_are_put_behind_the_address() {
        for (url, base) in [
            ("https://host", "https://host"),
            ("https://host:8443/a/", "https://host:8443/a"),
            ("https://host/api/v1", "https://host"),
            ("https://host/a/api/v1/", "https://host/a"),
        ] {
            assert_eq!(Address::parse(url, false).unwrap().base(), base);
        }
    }
}
