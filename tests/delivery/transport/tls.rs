//! F25: a server that cannot prove its identity gets nothing, and the client does not panic.

use std::io::Read as _;
use std::net::TcpListener;
use std::panic::catch_unwind;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::support::{
    Authority, Identity, Origin, TIMEOUT, accept, builder, is_child, one_span, run_child, server_config,
    shut_down, until,
};

const HOST: &str = "127.0.0.1";

fn origin(identity: Identity) -> Origin {
    Origin::with_tls(server_config(identity, rustls::ALL_VERSIONS), accept)
}

/// Lets a client try more than once, and checks that the server has learnt nothing.
fn assert_refused(authority: &Authority, origin: &Origin, url: &str) {
    let client = builder(url).add_root_certificates_pem(authority.pem()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:secret").complete(&()));
    until("it tries again", || origin.connections() > 2);
    let stats = shut_down(&client, Duration::from_millis(300)).stats;
    assert_eq!((stats.created, stats.acknowledged), (1, 0), "{stats}");
    assert_eq!(origin.received().len(), 0);
}

fn deliver(authority: &Authority, origin: &Origin) {
    let client = builder(&origin.url()).add_root_certificates_pem(authority.pem()).build().unwrap();
    let report = one_span(&client, TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 1, "{report}");
    assert!(!origin.received().is_empty());
}

#[test]
fn f25_an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let origin = origin(authority.sign_expired(&[HOST]));
    assert_refused(&authority, &origin, &origin.url());
}

#[test]
fn f25_a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    let origin = origin(authority.sign(&["other.example", "127.0.0.2"]));
    assert_refused(&authority, &origin, &origin.url());
}

#[test]
fn f25_a_self_signed_certificate_is_refused() {
    let origin = origin(Identity::self_signed(&[HOST]));
    assert_refused(&Authority::new(), &origin, &origin.url());
}

#[test]
fn f25_a_certificate_of_an_unknown_authority_is_refused() {
    let origin = origin(Authority::new().sign(&[HOST]));
    assert_refused(&Authority::new(), &origin, &origin.url());
}

#[test]
fn f25_plain_http_behind_a_tls_address_is_refused() {
    let origin = Origin::accepting();
    assert_refused(&Authority::new(), &origin, &origin.url().replace("http://", "https://"));
}

#[test]
fn s5_tls_1_2_and_1_3_are_spoken() {
    let authority = Authority::new();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = server_config(authority.sign(&[HOST]), &[version]);
        deliver(&authority, &Origin::with_tls(config, accept));
    }
}

#[test]
fn s5_nothing_below_tls_1_2_is_offered() {
    let hello = client_hello();
    // The extension `supported_versions`: number, length, length of the list, TLS 1.3, TLS 1.2.
    let offer = [0, 43, 0, 5, 4, 3, 4, 3, 3];
    assert!(hello.windows(offer.len()).any(|bytes| bytes == offer), "{hello:02x?}");
}

/// The first message of a client, in which it offers versions and cipher suites.
fn client_hello() -> Vec<u8> {
    let listener = TcpListener::bind((HOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let client = builder(&url).add_root_certificates_pem(Authority::new().pem()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:hello").complete(&()));

    let (mut stream, _) = listener.accept().unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let mut hello = vec![0; u16::from_be_bytes([head[3], head[4]]).into()];
    stream.read_exact(&mut hello).unwrap();
    let _ = shut_down(&client, Duration::ZERO);
    hello
}

#[test]
fn child_with_two_providers() {
    if !is_child() {
        return;
    }
    // With two crypto providers compiled in, rustls has no default one, and asking for it panics.
    let implicit = catch_unwind(|| drop(ClientConfig::builder()));
    assert!(implicit.is_err(), "this test needs the feature `custom-provider` of rustls");
    let authority = Authority::new();
    let origin = origin(authority.sign(&[HOST]));
    deliver(&authority, &origin);
}

#[test]
fn f25_a_second_provider_in_the_program_does_not_matter() {
    run_child("tls::child_with_two_providers", &[]);
}

#[test]
fn child_with_a_provider_of_its_own() {
    if !is_child() {
        return;
    }
    let own = CryptoProvider {
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        ..aws_lc_rs::default_provider()
    };
    own.install_default().unwrap();
    let hello = client_hello();
    // The list of cipher suites: length, one suite, and the first byte of the compressions.
    assert!(hello.windows(5).any(|bytes| bytes == [0, 2, 0x13, 0x03, 1]), "{hello:02x?}");
}

#[test]
fn provider_that_the_program_has_installed_is_used() {
    run_child("tls::child_with_a_provider_of_its_own", &[]);
}
