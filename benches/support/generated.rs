//! A workspace of small packages in the target directory, built by the same `cargo` with the same dependencies.

use std::collections::BTreeSet;
use std::env::var_os;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The root of this repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Ticks of a second in `/proc`: the same on every Linux.
const TICKS: f64 = 100.0;

/// A package to be generated.
#[derive(Debug)]
pub struct Package {
    pub name: &'static str,
    /// The rest of its manifest, from the dependencies on.
    pub manifest: String,
    /// Its library, if it has one of its own.
    pub library: Option<String>,
}

/// The packages, after they were written.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Writes the packages below a folder. What an earlier run has built of them stays.
    pub fn new(scratch: &str, name: &str, packages: &[Package]) -> Result<Self> {
        let folder = Path::new(scratch).join(name);
        let workspace = Self { folder };
        let names: Vec<&str> = packages.iter().map(|package| package.name).collect();
        workspace.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"))?;
        for Package { name, manifest, library } in packages {
            let package = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n{manifest}");
            workspace.write(&format!("{name}/Cargo.toml"), &package)?;
            if let Some(library) = library {
                workspace.replace(name, library)?;
            }
        }
        let lock = workspace.folder.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(Path::new(ROOT).join("Cargo.lock"), lock)?;
        }
        Ok(workspace)
    }

    /// Replaces the source of a library.
    pub fn replace(&self, package: &str, library: &str) -> Result<()> {
        self.write(&format!("{package}/src/lib.rs"), library)
    }

    /// Runs a command of `cargo` that builds one package.
    pub fn cargo(&self, command: &[&str], package: &str) -> Result<()> {
        self.run(&[command, &["--quiet", "--package", package, "--target-dir", "target"]].concat())?;
        Ok(())
    }

    /// The crates that a package is built of on this system, itself among them.
    pub fn crates(&self, package: &str) -> Result<BTreeSet<String>> {
        let tree = self.run(&["tree", "--package", package, "--edges", "normal", "--prefix", "none"])?;
        Ok(tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let cargo = var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let output = Command::new(cargo)
            .args(arguments)
            // Incremental compilation would leave out a different part of the work each time.
            .env("CARGO_INCREMENTAL", "0")
            .current_dir(&self.folder)
            .output()?;
        let report = String::from_utf8_lossy(&output.stderr);
        let beginning: Vec<&str> = report.lines().take(12).collect();
        ensure!(output.status.success(), "cargo {arguments:?}: {}", beginning.join("\n"));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Writes the source of a program.
    pub fn write_program(&self, package: &str, source: &str) -> Result<()> {
        self.write(&format!("{package}/src/main.rs"), source)
    }

    /// Builds a binary with optimisation, and returns its path.
    #[must_use]
    pub fn binary(&self, package: &str) -> PathBuf {
        self.binary_of("release", package)
    }

    /// Builds a binary with that profile, and returns its path.
    #[must_use]
    pub fn binary_of(&self, profile: &str, package: &str) -> PathBuf {
        self.folder.join("target").join(profile).join(package)
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        fs::write(path, text)?;
        Ok(())
    }
}

/// Returns the processor seconds of all ended children of this process, and of theirs; `None` without such a file.
pub fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // After the program's name, which may contain spaces, fields 16 and 17 are the time of the children.
    let fields = stat.rsplit_once(')')?.1;
    let children: Vec<f64> = fields.split_whitespace().skip(13).take(2).flat_map(str::parse).collect();
    Some(children.iter().sum::<f64>() / TICKS)
}
