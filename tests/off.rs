//! The off state: the same program, the same output, no runtime in the tree, nothing left of the attribute.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::Path;
use std::process::Command;

fn cargo(args: &[&str]) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("off");
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(args).env("CARGO_TARGET_DIR", target).output().unwrap();
    assert!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_program_prints_the_same_in_both_forms() {
    let off = cargo(&["run", "--quiet", "-p", "prefactor-off"]);
    let on = cargo(&["run", "--quiet", "-p", "prefactor-off", "--features", "enabled"]);
    assert_eq!(off, on);
    assert!(off.contains("Ok(8) Err(\"all is too large\")"), "{off}");
}

#[test]
fn neither_runtime_nor_http_library_is_in_the_tree() {
    let tree = |features: &[&str]| {
        let mut args = vec!["tree", "-p", "prefactor-off", "-e", "normal", "--prefix", "none"];
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

/// The assembly of `tests/machine_code`, with the attribute or without.
fn assembly(is_annotated: bool, features: &[&str]) -> String {
    let name = format!("machine-code-{is_annotated}-{}", features.len());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.s"));
    let emit = format!("asm={}", file.display());
    let mut args = vec!["rustc", "--quiet", "--release", "-p", "prefactor-machine-code", "--lib"];
    args.extend(features);
    args.extend(["--", "--emit", &emit, "-C", "codegen-units=1"]);
    if is_annotated {
        args.extend(["--cfg", "feature=\"annotated\""]);
    }
    cargo(&args);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn annotated_and_plain_functions_are_the_same_machine_code() {
    let (plain, annotated) = (assembly(false, &[]), assembly(true, &[]));
    assert!(plain.contains("machine_code") && plain.len() > 4_000, "the functions are in it");
    let different = plain.lines().zip(annotated.lines()).find(|(plain, annotated)| plain != annotated);
    assert_eq!(different, None);
    assert_eq!(plain.lines().count(), annotated.lines().count());
    let recording = assembly(true, &["--features", "enabled"]);
    assert_ne!(recording.lines().count(), plain.lines().count(), "the check would not notice");
}
