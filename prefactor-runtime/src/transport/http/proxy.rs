//! The proxy variables of the machine, checked: the HTTP library passes by a proxy whose address it cannot read.

use std::ffi::OsString;

use http::Uri;
use http::uri::Authority;

use crate::types::error::Error;

/// The schemes of proxies that the HTTP library speaks. An address without one is an HTTP proxy's.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// The variables that hold for an `https://` address, in the order in which the HTTP library takes them.
const NAMES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Checks the variable that says through which proxy an `https://` address is reached.
///
/// # Errors
///
/// When its value is not the address of a proxy. It is not part of the text, for it may contain a password.
pub(super) fn check(lookup: impl Fn(&str) -> Option<OsString>) -> Result<(), Error> {
    // Under CGI, a header of the client can set such a variable, so the HTTP library ignores them all.
    if lookup("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    for names in NAMES {
        let set = names.into_iter().find_map(|name| Some((name, lookup(name)?)));
        let Some((name, value)) = set.filter(|(_, value)| !value.is_empty()) else { continue };
        return if value.to_str().is_some_and(is_proxy) {
            Ok(())
        } else {
            Err(Error::configuration(format!(
                "{name} is not the address of a proxy, which would be passed by: set it to an address such as \
                 http://proxy.example.com:3128, or unset it"
            )))
        };
    }
    Ok(())
}

fn is_proxy(value: &str) -> bool {
    value.parse::<Uri>().is_ok_and(|uri| {
        uri.authority().is_some_and(is_address)
            && uri.scheme_str().is_none_or(|scheme| SCHEMES.contains(&scheme))
    })
}

/// Whether there is a host, and a number where there is a port: the parser takes any text for one.
fn is_address(authority: &Authority) -> bool {
    let text = authority.as_str();
    let address = text.rsplit_once('@').map_or(text, |(_, address)| address);
    let port = address.strip_prefix(authority.host()).and_then(|rest| {
        let port = rest.strip_prefix(':')?;
        Some(port.is_empty() || port.parse::<u16>().is_ok())
    });
    !authority.host().is_empty() && (address == authority.host() || port == Some(true))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn check_with(variables: &[(&str, &str)]) -> Result<(), Error> {
        check(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn proxy_address_of_any_readable_form_is_accepted() {
        for value in [
            "",
            "proxy.example.com:3128",
            "http://proxy.example.com",
            "http://user:pass@10.0.0.1:3128/",
            "https://[::1]:3128",
            "socks5h://127.0.0.1:1080",
        ] {
            assert!(check_with(&[("HTTPS_PROXY", value)]).is_ok(), "{value}");
            assert!(check_with(&[("all_proxy", value)]).is_ok(), "{value}");
        }
        assert!(check_with(&[]).is_ok());
    }

    #[test]
    fn proxy_address_that_cannot_be_read_is_an_error_that_names_the_variable_alone() {
        for value in [
            "http://",
            "htp://canary:3128",
            "http://canary proxy:3128",
            "http://canary:port",
            "::canary",
            "/canary",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                let error = check_with(&[(name, value)]).expect_err(value);
                let text = error.to_string();
                assert!(
                    error.is_configuration() && text.starts_with(name) && !text.contains("canary"),
                    "{value}: {text}"
                );
            }
        }
    }

    #[test]
    fn proxy_variable_that_is_not_asked_is_not_checked() {
        for variables in [
            [("HTTPS_PROXY", "http://proxy.example.com"), ("ALL_PROXY", "http://")],
            [("HTTPS_PROXY", "http://proxy.example.com"), ("https_proxy", "http://")],
            [("HTTP_PROXY", "http://"), ("NO_PROXY", "http://")],
            [("HTTPS_PROXY", "http://"), ("REQUEST_METHOD", "GET")],
        ] {
            assert!(check_with(&variables).is_ok(), "{variables:?}");
        }
    }
}
