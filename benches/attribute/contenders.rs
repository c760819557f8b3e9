//! All contenders of a run: those of this binary, and those of other libraries, which are built first.

use std::env::current_exe;
use std::path::PathBuf;

use anyhow::Result;

use crate::generated::{Package, ROOT, Workspace};

/// A contender of another library.
pub(crate) struct Peer {
    /// Its name in the table.
    pub(crate) title: &'static str,
    /// Its name in the binary.
    pub(crate) subject: &'static str,
    pub(crate) binary: PathBuf,
}

/// The binaries to be executed.
pub(crate) struct Contenders {
    pub(crate) own: PathBuf,
    pub(crate) peers: Vec<Peer>,
}

impl Contenders {
    /// Builds the other libraries' binary twice: with the feature of `fastrace` and without.
    pub(crate) fn build() -> Result<Self> {
        let packages = [peers("peers-off", "[]"), peers("peers-on", "[\"enable\"]")];
        let workspace = Workspace::new("peers", &packages)?;
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
         path = \"{ROOT}/benches/attribute/peers.rs\"\n"
    );
    Package { name, manifest, library: None }
}
