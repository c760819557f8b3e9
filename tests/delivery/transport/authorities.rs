//! F25, S5: the authorities that TLS trusts, and the log lines where there are none.

use std::error::Error as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::support::{
    Authority, Origin, TIMEOUT, TOKEN, accept, builder, given, is_child, one_span, run_child, server_config,
};

const HOST: &str = "127.0.0.1";
const NOWHERE: &str = "/nonexistent/authorities.pem";

fn origin(authority: &Authority) -> Origin {
    Origin::with_tls(server_config(authority.sign(&[HOST]), rustls::ALL_VERSIONS), accept)
}

/// A bundle in a file, which is removed in the end.
struct Bundle(PathBuf);

impl Bundle {
    fn of(authority: &Authority) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("authorities-{}-{}.pem", std::process::id(), NEXT.fetch_add(1, SeqCst));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, authority.pem()).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Delivers one span under the variables, and prints the result.
#[test]
fn child_delivers() {
    if !is_child() {
        return;
    }
    let mut builder = builder(&given("PREFACTOR_API_URL"));
    if let Ok(file) = std::env::var("TEST_EXTRA_CA") {
        builder = builder.add_root_certificates_pem(std::fs::read(file).unwrap());
    }
    match builder.build() {
        Ok(client) => {
            let report = one_span(&client, TIMEOUT);
            println!("acknowledged: {}", report.stats.acknowledged);
        }
        Err(error) => {
            let is_of_rustls = error.source().is_some_and(<dyn std::error::Error>::is::<rustls::Error>);
            println!(
                "configuration: {}, source of rustls: {is_of_rustls}, error: {error}",
                error.is_configuration()
            );
        }
    }
}

fn deliver(variables: &[(&str, &str)]) -> String {
    run_child("authorities::child_delivers", variables)
}

#[cfg(target_os = "linux")]
#[test]
fn f25_no_authorities_at_all_is_an_error_with_its_cures() {
    let authority = Authority::new();
    let origin = origin(&authority);
    let text = deliver(&[("PREFACTOR_API_URL", &origin.url()), ("SSL_CERT_FILE", NOWHERE)]);
    assert!(text.contains("configuration: true, source of rustls: true"), "{text}");
    for cure in ["ca-certificates", "SSL_CERT_FILE", "add_root_certificates_pem"] {
        assert!(text.contains(cure), "{cure} is not in {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    origin.assert_untouched();
}

#[test]
fn s5_each_cure_works() {
    let authority = Authority::new();
    let origin = origin(&authority);
    let (bundle, url) = (Bundle::of(&authority), origin.url());
    let file = bundle.path();
    let cures: [&[(&str, &str)]; 2] =
        [&[("SSL_CERT_FILE", file)], &[("SSL_CERT_FILE", NOWHERE), ("TEST_EXTRA_CA", file)]];
    for cure in &cures[usize::from(!cfg!(target_os = "linux"))..] {
        let text = deliver(&[*cure, &[("PREFACTOR_API_URL", &url)]].concat());
        assert!(text.contains("acknowledged: 1"), "{cure:?}: {text}");
    }
}

/// Delivers a span, then another after an odd answer, when the bundle names another authority.
#[cfg(target_os = "linux")]
#[test]
fn child_whose_bundle_changes() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    std::fs::write(given("SSL_CERT_FILE"), Authority::new().pem()).unwrap();
    let report = one_span(&client, TIMEOUT);
    println!("acknowledged: {}, repeated: {}", report.stats.acknowledged, report.stats.retries);
}

/// An odd answer ends all connections. Later ones trust the authorities of the first ones, and read the system's store
/// no more.
#[cfg(target_os = "linux")]
#[test]
fn s5_authorities_are_read_once() {
    let authority = Authority::new();
    let requests = AtomicUsize::new(0);
    let config = server_config(authority.sign(&[HOST]), rustls::ALL_VERSIONS);
    let origin = Origin::with_tls(config, move |received| {
        let is_odd = received.line.contains("/register") && requests.fetch_add(1, SeqCst) == 0;
        if is_odd { crate::support::answer("404 Not Found", &[], "no such page") } else { accept(received) }
    });
    let (bundle, url) = (Bundle::of(&authority), origin.url());
    let variables = [("PREFACTOR_API_URL", url.as_str()), ("SSL_CERT_FILE", bundle.path())];
    let text = run_child("authorities::child_whose_bundle_changes", &variables);
    assert!(text.contains("acknowledged: 1, repeated: 1"), "{text}");
}

#[test]
fn f25_plain_http_needs_no_authorities() {
    let origin = Origin::accepting();
    let text = deliver(&[("PREFACTOR_API_URL", &origin.url()), ("SSL_CERT_FILE", NOWHERE)]);
    assert!(text.contains("acknowledged: 1"), "{text}");
}

#[test]
fn s5_an_extra_authority_that_is_none_is_an_error() {
    let certificate = Authority::new().pem();
    let cut = &certificate[..certificate.len() / 2];
    let garbled = certificate.replace("MII", "AAA");
    for pem in ["", "canary", cut, &garbled] {
        let error = builder("https://127.0.0.1:1").add_root_certificates_pem(pem).build().unwrap_err();
        assert!(error.is_configuration(), "{error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains("add_root_certificates_pem") && !text.contains("canary"), "{text}");
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn s5_one_broken_block_among_good_ones_is_named_with_its_cure() {
    let (good, other) = (Authority::new().pem(), Authority::new().pem());
    let half = other.len() / 2;
    let broken = [
        other.replacen("MII", "M!I", 1),
        other.replacen("MII", "AAA", 1),
        other[..half].to_owned(),
        format!("{}{}", &other[..half], &other[half + 4..]),
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".to_owned(),
    ];
    for broken in broken {
        let pem = format!("{good}{broken}");
        let error = builder("https://127.0.0.1:1").add_root_certificates_pem(pem).build().unwrap_err();
        let text = error.to_string();
        for part in ["add_root_certificates_pem", "block 2", "-----BEGIN CERTIFICATE-----"] {
            assert!(text.contains(part), "{part} is not in {text}: {broken}");
        }
        assert!(error.is_configuration() && !text.contains("ca-certificates"), "{text}");
    }
}

#[test]
fn s5_extra_authorities_add_up() {
    let (first, second) = (Authority::new(), Authority::new());
    for authority in [&first, &second] {
        let origin = origin(authority);
        let builder = builder(&origin.url())
            .add_root_certificates_pem(first.pem())
            .add_root_certificates_pem(second.pem());
        let report = one_span(&builder.build().unwrap(), TIMEOUT);
        assert_eq!(report.stats.acknowledged, 1, "{report}");
    }
}
