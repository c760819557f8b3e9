//! The crates that the SDK brings into a program, and those that it must not bring.

use std::process::Command;

/// Returns the crates that a user of these features builds, a line each, with their features.
fn tree(features: &str) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "--package", "prefactor", "--no-default-features"]);
    command.args(["--features", features, "--edges", "normal,build"]);
    command.args(["--prefix", "none", "--format", "{p} [{f}]"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn features_of<'a>(tree: &'a str, name: &str) -> Option<&'a str> {
    let line = tree.lines().find(|line| line.starts_with(name) && line[name.len()..].starts_with(" v"))?;
    line.split_once('[').map(|(_, rest)| rest.trim_end_matches([']', ' ', '(', '*', ')']))
}

/// Returns the libraries of cryptography in the tree.
fn cryptography(tree: &str) -> Vec<&'static str> {
    let libraries = ["aws-lc-rs", "native-tls", "openssl-sys", "ring"];
    libraries.into_iter().filter(|name| features_of(tree, name).is_some()).collect()
}

#[test]
fn each_feature_brings_one_library_of_cryptography() {
    for (features, expected) in [
        ("http", &[] as &[&str]),
        ("http,rustls", &["aws-lc-rs"]),
        ("http,ring", &["ring"]),
        ("http,rustls-no-provider", &[]),
    ] {
        assert_eq!(cryptography(&tree(features)), expected, "{features}");
    }
    let native = cryptography(&tree("http,native-tls"));
    assert!(native.contains(&"native-tls") && !native.contains(&"ring") && !native.contains(&"aws-lc-rs"));
}

#[test]
fn http_library_neither_blocks_nor_unpacks() {
    // `blocking` would panic in async code, and `gzip` would evade the limit on answers.
    let tree = tree("http,rustls");
    assert_eq!(
        features_of(&tree, "reqwest"),
        Some("__rustls,__rustls-aws-lc-rs,__tls,rustls,rustls-no-provider,socks")
    );
}
