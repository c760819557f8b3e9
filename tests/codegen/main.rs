//! Without the feature `enabled`, annotated and plain functions are the same machine code.

use std::path::Path;

use prefactor_tests::nested_cargo;

/// Options of a build that records. What the functions call need not be fast.
const RECORDING: [&str; 6] = [
    "--features",
    "enabled",
    "--config",
    "profile.release.package.\"*\".opt-level=0",
    "--config",
    "profile.release.package.prefactor-runtime.opt-level=0",
];

/// Returns the assembly of `tests/codegen/functions`, with the attribute or without.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn assembly(is_annotated: bool, options: &[&str]) -> String {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = format!("codegen-{is_annotated}-{}", options.len());
    let file = temporary.join(format!("{name}.s"));
    let emit = format!("asm={}", file.display());
    let mut args = vec!["rustc", "--quiet", "--release", "-p", "prefactor-codegen", "--lib"];
    args.extend(options);
    args.extend(["--", "--emit", &emit, "-C", "codegen-units=1"]);
    if is_annotated {
        args.extend(["--cfg", "feature=\"annotated\""]);
    }
    let _ = nested_cargo::run(&temporary.join("disabled"), &args);
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn annotated_and_plain_functions_are_the_same_machine_code() {
    let (plain, annotated) = (assembly(false, &[]), assembly(true, &[]));
    assert!(plain.contains("codegen") && plain.len() > 4_000, "the functions are in it");
    let different = plain.lines().zip(annotated.lines()).find(|(plain, annotated)| plain != annotated);
    assert_eq!(different, None);
    assert_eq!(plain.lines().count(), annotated.lines().count());
    let recording = assembly(true, &RECORDING);
    assert_ne!(recording.lines().count(), plain.lines().count(), "the check would not notice");
}
