//! The programs under test that the test builds: the load driver, and the tool that reads spools.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use prefactor_tests::nested_cargo;

/// The folder that holds them.
pub(crate) struct Programs {
    pub(crate) load: PathBuf,
    pub(crate) tool: PathBuf,
}

/// Builds them, once.
pub(crate) fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| Programs {
        load: nested_cargo::program("load"),
        tool: nested_cargo::program("prefactor-spool"),
    })
}

/// The tool, whose environment names nothing of the API but the test's own values.
pub(crate) fn tool() -> Command {
    let mut tool = Command::new(&programs().tool);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PREFACTOR_"))
    {
        tool.env_remove(name);
    }
    tool
}
