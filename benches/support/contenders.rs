//! All contenders of a run: those of this binary, and those of other libraries, which are built first.

use std::env::current_exe;
use std::path::PathBuf;

use anyhow::Result;

use crate::generated::{Package, ROOT, Workspace};

/// A contender of another library.
#[derive(Debug)]
pub struct Peer {
    /// Its name in the table.
    pub title: &'static str,
    /// Its name in the binary.
    pub subject: &'static str,
    pub binary: PathBuf,
}

/// The binaries to be executed.
#[derive(Debug)]
pub struct Contenders {
    pub own: PathBuf,
    pub peers: Vec<Peer>,
}

impl Contenders {
    /// This crate alone.
    pub fn own() -> Result<Self> {
        Ok(Self { own: current_exe()?, peers: Vec::new() })
    }

    /// Builds the other libraries' binary twice: with the feature of `fastrace` and without.
    pub fn build(scratch: &str) -> Result<Self> {
        let packages = [peers("peers-off", "[]"), peers("peers-on", "[\"enable\"]")];
        let workspace = Workspace::new(scratch, "peers", &packages)?;
        for package in &packages {
            workspace.cargo(&["build", "--release"], package.name)?;
        }
        let peer = |title, subject, package| Peer { title, subject, binary: workspace.binary(package) };
        let peers = vec![
            peer("fastrace off", "fastrace", "peers-off"),
            peer("fastrace on", "fastrace", "peers-on"),
            peer("tracing", "tracing", "peers-on"),
        ];
        Ok(Self { own: current_exe()?, peers })
    }
}

fn peers(name: &'static str, fastrace: &str) -> Package {
    let manifest = format!(
        "[dependencies]\n\
         anyhow = \"1\"\n\
         fastrace = {{ version = \"0.7\", features = {fastrace} }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         stats_alloc = \"0.1\"\n\
         tracing = \"0.1\"\n\n\
         [[bin]]\n\
         name = \"{name}\"\n\
         path = \"{ROOT}/benches/support/peers.rs\"\n"
    );
    Package { name, manifest, library: None }
}
