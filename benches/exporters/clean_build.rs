//! The growth of a clean build by the feature `otlp`, over that of the feature `http`.

use std::collections::BTreeSet;
use std::env::var_os;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use prefactor_benches::generated::{ROOT, cpu_seconds};
use prefactor_benches::table::Line;

use crate::SCRATCH;

struct Built {
    crates: BTreeSet<String>,
    seconds: f64,
}

pub(crate) fn lines() -> Result<[Line; 2]> {
    let (without, with) = (build("http")?, build("otlp")?);
    let crates = with.crates.difference(&without.crates).count();
    let crates = f64::from(u32::try_from(crates)?);
    Ok([
        Line::new("X5", "crates that the feature otlp adds", crates, 8.0),
        Line::new("X5", "CPU of a clean build that it adds, s", with.seconds - without.seconds, 8.0),
    ])
}

fn build(feature: &str) -> Result<Built> {
    let folder = Path::new(SCRATCH).join("clean_build").join(feature);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"with-{feature}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         prefactor = {{ path = \"{ROOT}\", default-features = false, features = [\"{feature}\"] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let cargo = |arguments: &[&str]| {
        let output = Command::new(var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(&folder)
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    let tree = cargo(&["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"])?;
    let crates = tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect();
    let before = cpu_seconds().context("the system tells")?;
    cargo(&["build", "--quiet"])?;
    let seconds = cpu_seconds().context("the system tells")? - before;
    fs::remove_dir_all(folder.join("target"))?;
    Ok(Built { crates, seconds })
}
