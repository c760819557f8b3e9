//! F28, S15: the bytes of an answer that the client reads.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

use crate::support::{Origin, Reply, TIMEOUT, accept, answer, builder, one_span, shut_down, until};

const GIBIBYTE: usize = 1 << 30;
/// The limit of 4 MiB, and the bytes that sockets hold on both sides.
const MOST: usize = 24 << 20;

/// Lets a client read answers until it has asked again, and checks that none of them counts.
fn assert_not_accepted(origin: &Origin) {
    let client = builder(&origin.url()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:bounded").complete(&()));
    until("it tries again", || origin.received().len() > 2);
    let stats = shut_down(&client, Duration::from_millis(300)).stats;
    assert_eq!((stats.created, stats.acknowledged), (1, 0), "{stats}");
}

/// An endless answer, and the number of its bytes that were read.
fn endless(head: &'static str, taken: &Arc<AtomicUsize>) -> Reply {
    let taken = Arc::clone(taken);
    Box::new(move |stream| {
        stream.write_all(head.as_bytes())?;
        let part = [b' '; 8 << 10];
        for _ in 0..GIBIBYTE / part.len() {
            stream.write_all(&part)?;
            taken.fetch_add(part.len(), SeqCst);
        }
        Ok(())
    })
}

#[test]
fn f28_an_answer_without_an_end_is_left() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n",
    ] {
        let sums: Arc<Mutex<Vec<Arc<AtomicUsize>>>> = Arc::default();
        let answers = Arc::clone(&sums);
        let origin = Origin::answering(move |_| {
            let taken = Arc::default();
            answers.lock().unwrap().push(Arc::clone(&taken));
            endless(head, &taken)
        });
        assert_not_accepted(&origin);
        let sums: Vec<_> = sums.lock().unwrap().iter().map(|sum| sum.load(SeqCst)).collect();
        assert!(sums.iter().all(|sum| *sum < MOST), "{head}: {sums:?}");
    }
}

#[test]
fn f28_an_answer_at_the_limit_is_read() {
    let origin = Origin::answering(|received| {
        let reply = accept(received);
        Box::new(move |stream| {
            let mut text = Vec::new();
            reply(&mut text)?;
            let (_, body) = std::str::from_utf8(&text).unwrap().split_once("\r\n\r\n").unwrap();
            answer("200 OK", &[], " ".repeat((4 << 20) - body.len()) + body)(stream)
        })
    });
    let report = one_span(&builder(&origin.url()).build().unwrap(), TIMEOUT);
    assert_eq!(report.stats.acknowledged, 1, "{report}");
}

/// A body that is valid when unpacked, so that a client that unpacks it accepts it.
fn packed() -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let details = r#"{"id":"013xrzp12g3nqk8n0000000000000000"}"#;
    write!(packer, r#"{{"status":"success","details":{details}}}"#).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn f28_no_compression_is_asked_for_and_none_undone() {
    let origin = Origin::answering(|_| answer("200 OK", &[("content-encoding", "gzip")], packed()));

    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let by_itself = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap();
    let text = by_itself.get(origin.url()).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("success"), "this test needs the feature `gzip` of reqwest: {text}");
    assert_eq!(origin.received()[0].header("accept-encoding"), Some("gzip"));

    let origin = Origin::answering(|_| answer("200 OK", &[("content-encoding", "gzip")], packed()));
    tokio::task::spawn_blocking(move || {
        assert_not_accepted(&origin);
        assert!(origin.received().iter().all(|received| received.header("accept-encoding").is_none()));
    })
    .await
    .unwrap();
}

#[test]
fn s15_an_answer_of_any_depth_is_survived() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let answering = |member: &str| {
        let body = format!(r#"{{"status":"success","details":{{"id":"x"}},"{member}":{deep}}}"#);
        Origin::answering(move |_| answer("200 OK", &[], body.clone()))
    };
    assert_not_accepted(&answering("control"));
    let client = builder(&answering("other").url()).build().unwrap();
    client.register("tester").in_scope(|| prefactor::span("test:bounded").complete(&()));
    let _ = client.flush(TIMEOUT);
    assert_eq!(client.stats().created, 1);
}
