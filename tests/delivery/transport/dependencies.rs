//! What the SDK brings into a program, and what it must not.

use std::process::Command;

/// The crates that a user of all features builds, a line each, with their features.
fn tree() -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "--offline", "--package", "prefactor", "--all-features"]);
    command.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p} [{f}]"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_kind_of_tls_and_no_blocking_client() {
    let tree = tree();
    let features_of = |name: &str| {
        let line = tree.lines().find(|line| line.starts_with(name) && line[name.len()..].starts_with(" v"));
        line.and_then(|line| line.split_once('['))
            .map(|(_, rest)| rest.trim_end_matches([']', ' ', '(', '*', ')']))
    };
    // `blocking` would panic where it is made or dropped in async code, and `gzip` undo the limit on answers.
    assert_eq!(features_of("reqwest"), Some("__rustls,__tls,rustls-no-provider"));
    assert_eq!(features_of("rustls"), Some("ring,std,tls12"));
    for unwanted in ["openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"] {
        assert_eq!(features_of(unwanted), None, "{unwanted}");
    }
}
