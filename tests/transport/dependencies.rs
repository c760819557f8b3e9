//! What the SDK brings into a program, and what it must not.

use std::process::Command;

fn tree(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "--offline", "-p", "prefactor", "-e", "normal,build,features"]);
    let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_kind_of_tls_and_no_blocking_client() {
    let tree = tree(&["--prefix", "none", "--all-features"]);
    for wanted in ["reqwest feature \"rustls-no-provider\"", "rustls feature \"ring\""] {
        assert!(tree.contains(wanted), "{wanted} is not in {tree}");
    }
    for unwanted in [
        // Panics when it is made or dropped in async code.
        "reqwest feature \"blocking\"",
        "openssl",
        "native-tls",
        "aws-lc",
    ] {
        assert!(!tree.contains(unwanted), "{unwanted} is in {tree}");
    }
}
