//! Without the feature `enabled`: the same program, the same output, and no runtime in the tree.

use std::path::Path;

use prefactor_tests::nested_cargo;

fn cargo(args: &[&str]) -> String {
    nested_cargo::run(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("disabled"), args)
}

#[test]
fn one_program_prints_the_same_in_both_forms() {
    let off = cargo(&["run", "--quiet", "-p", "prefactor-disabled"]);
    let on = cargo(&["run", "--quiet", "-p", "prefactor-disabled", "--features", "enabled"]);
    assert_eq!(off, on);
    assert!(off.contains("Ok(8) Err(\"all is too large\")"), "{off}");
}

#[test]
fn neither_runtime_nor_http_library_is_in_the_tree() {
    let tree = |features: &[&str]| {
        let mut args = vec!["tree", "-p", "prefactor-disabled", "-e", "normal", "--prefix", "none"];
        args.extend(features);
        cargo(&args)
    };
    let off = tree(&[]);
    for absent in ["tokio", "reqwest", "rustls", "once_cell", "serde_json"] {
        assert!(!off.lines().any(|line| line.starts_with(&format!("{absent} "))), "{absent} is in {off}");
    }
    assert!(tree(&["--features", "enabled"]).contains("tokio "), "the check would not notice");
}

#[test]
fn every_test_of_the_attribute_passes_without_the_feature() {
    let report = cargo(&["test", "--quiet", "-p", "prefactor-attribute", "--no-default-features"]);
    assert!(report.contains("test result: ok."), "{report}");
}

/// With the feature `enabled`, and without the `parking_lot` that most programs switch on.
#[test]
fn auto_traits_are_kept_beside_a_tokio_without_parking_lot() {
    let features = ["--no-default-features", "--features", "enabled"];
    let mut args = vec!["test", "--quiet", "-p", "prefactor-attribute", "--test", "transparency"];
    args.extend(features);
    let report = cargo(&[&args[..], &["auto_traits"]].concat());
    assert!(report.contains("test result: ok.") && !report.contains(" 0 passed"), "{report}");
}

#[test]
fn variable_of_a_spool_without_its_feature_is_an_error_that_says_the_cure() {
    let mut cargo = nested_cargo::command();
    cargo.args(["run", "--quiet", "-p", "prefactor-disabled", "--features", "enabled"]);
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("disabled"));
    let output = cargo.env("PREFACTOR_SPOOL_DIR", "/var/spool/researcher").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{error}");
    for words in ["PREFACTOR_SPOOL_DIR", "features = [\"spool\"]", "unset the variable"] {
        assert!(error.contains(words), "{error}");
    }
}
