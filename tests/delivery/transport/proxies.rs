//! F27, S8: the effect of a machine's proxy variables on the token.

use std::time::Duration;

use crate::support::{
    Authority, Origin, Received, TIMEOUT, TOKEN, answer, builder, given, is_child, one_span, run_child,
    server_config, until,
};

/// Makes one span, and returns what became of it within the given time.
#[test]
fn child_behind_a_proxy() {
    if !is_child() {
        return;
    }
    let builder = builder(&given("PREFACTOR_API_URL")).allow_insecure_http(true);
    let client = builder.add_root_certificates_pem(given("TEST_EXTRA_CA")).build().unwrap();
    let timeout = Duration::from_millis(given("TEST_MILLISECONDS").parse().unwrap());
    let report = one_span(&client, timeout);
    println!("acknowledged: {}", report.stats.acknowledged);
}

fn run(url: &str, proxy: &Origin, authority: &Authority, timeout: Duration) -> String {
    let proxy = proxy.url();
    let (pem, timeout) = (authority.pem(), timeout.as_millis().to_string());
    let mut variables =
        vec![("PREFACTOR_API_URL", url), ("TEST_EXTRA_CA", &pem), ("TEST_MILLISECONDS", &timeout)];
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        variables.push((name, &proxy));
    }
    run_child("proxies::child_behind_a_proxy", &variables)
}

#[test]
fn f27_a_loopback_address_is_reached_directly() {
    let authority = Authority::new();
    let config = server_config(authority.sign(&["127.0.0.1", "localhost"]), rustls::ALL_VERSIONS);
    let encrypted = Origin::with_tls(config, crate::support::accept);
    let plain = Origin::accepting();
    let proxy = Origin::accepting();
    for url in [plain.url(), plain.url_at("localhost"), encrypted.url(), encrypted.url_at("localhost")] {
        let text = run(&url, &proxy, &authority, TIMEOUT);
        assert!(text.contains("acknowledged: 1"), "{url}: {text}");
    }
    proxy.assert_untouched();
}

/// In clear text a proxy would see the token; with TLS it sees a name.
#[test]
fn s8_no_proxy_sees_the_token() {
    let proxy = Origin::answering(|_| answer("502 Bad Gateway", &[], ""));
    let text = run("http://prefactor.invalid", &proxy, &Authority::new(), Duration::from_millis(500));
    assert!(text.contains("acknowledged: 0"), "{text}");
    assert_eq!(text.matches("clear text").count(), 1, "{text}");
    proxy.assert_untouched();

    let proxy = Origin::answering(|_| answer("502 Bad Gateway", &[], ""));
    let text = run("https://prefactor.invalid", &proxy, &Authority::new(), Duration::from_millis(500));
    assert!(text.contains("acknowledged: 0") && !text.contains("clear text"), "{text}");
    until("the proxy is asked", || !proxy.received().is_empty());
    for Received { line, headers, body } in proxy.received() {
        assert_eq!(line, "CONNECT prefactor.invalid:443 HTTP/1.1");
        assert!(!format!("{headers:?}").contains(TOKEN) && body.is_empty(), "{headers:?}");
    }
}

#[test]
fn s6_clear_text_to_another_machine_has_to_be_allowed() {
    let error = builder("http://prefactor.invalid").build().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("clear text"), "{error}");
    assert!(builder("http://prefactor.invalid").allow_insecure_http(true).build().is_ok());
}
