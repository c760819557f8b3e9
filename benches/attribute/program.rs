//! C2: what the dependency adds to a program that has reqwest: crates, and bytes of the binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use prefactor_benches::generated::{Package, ROOT, Workspace};
use prefactor_benches::table::Line;

const MEGABYTE: f64 = 1e6;

/// The program asks an address for a page.
const WITHOUT: &str = r#"
#[tokio::main]
async fn main() {
    let page = ask(&std::env::args().nth(1).unwrap_or_default()).await;
    println!("{page:?}");
}

async fn ask(address: &str) -> Result<String, reqwest::Error> {
    reqwest::get(address).await?.text().await
}
"#;

/// The same, recorded.
const WITH: &str = r#"
#[tokio::main]
async fn main() {
    let guard = prefactor::init().expect("the settings are complete");
    let page = ask(&std::env::args().nth(1).unwrap_or_default()).await;
    println!("{page:?}");
    drop(guard);
}

#[prefactor::span("agent:ask")]
async fn ask(address: &str) -> Result<String, reqwest::Error> {
    reqwest::get(address).await?.text().await
}
"#;

/// A program that was built.
struct Program {
    crates: BTreeSet<String>,
    megabytes: f64,
    /// Without the names of functions, where there is a tool that takes them out.
    stripped: Option<f64>,
}

pub(crate) fn lines() -> Result<[Line; 2]> {
    let own = format!("prefactor = {{ path = \"{ROOT}\" }}\n");
    let packages = [package("without", ""), package("with", &own)];
    let workspace = Workspace::new(crate::SCRATCH, "program", &packages)?;
    // Both before the first build: cargo reads the manifests of all members, and a member without a program is an error.
    workspace.write_program("without", WITHOUT)?;
    workspace.write_program("with", WITH)?;
    let [without, with] = [build(&workspace, "without")?, build(&workspace, "with")?];
    let crates = f64::from(u32::try_from(with.crates.difference(&without.crates).count())?);
    let rounded = |megabytes: f64| (megabytes * 100.0).round() / 100.0;
    let added = rounded(with.megabytes - without.megabytes);
    let bytes = Line::new("C2", "a program that has reqwest: MB more", added, 1.5)
        .other("the program", rounded(without.megabytes));
    let bytes = match with.stripped.zip(without.stripped) {
        Some((with, without)) => bytes.other("stripped, more", rounded(with - without)),
        None => bytes,
    };
    Ok([Line::new("C2", "a program that has reqwest: crates more", crates, 6.0), bytes])
}

fn package(name: &'static str, own: &str) -> Package {
    let tokio = "tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }";
    let manifest = format!("[dependencies]\nreqwest = \"0.13\"\n{tokio}\n{own}");
    Package { name, manifest, library: None }
}

fn build(workspace: &Workspace, name: &str) -> Result<Program> {
    workspace.cargo(&["build", "--release"], name)?;
    let mut crates = workspace.crates(name)?;
    crates.retain(|line| !line.starts_with("with"));
    let binary = workspace.binary(name);
    Ok(Program { crates, megabytes: megabytes(&binary)?, stripped: stripped(&binary) })
}

fn megabytes(file: &Path) -> Result<f64> {
    Ok(u32::try_from(fs::metadata(file)?.len()).map(f64::from)? / MEGABYTE)
}

fn stripped(binary: &Path) -> Option<f64> {
    let output = binary.with_extension("stripped");
    let status = Command::new("strip").arg("-o").arg(&output).arg(binary).status().ok()?;
    status.success().then(|| megabytes(&output).ok())?
}
