//! The tool that reads spools, as a program under test.

use std::process::Command;

use prefactor_tests::nested_cargo;

/// The tool, whose environment names nothing of the API but the test's own values.
pub(crate) fn tool() -> Command {
    let mut tool = Command::new(nested_cargo::program("prefactor-spool"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PREFACTOR_"))
    {
        tool.env_remove(name);
    }
    tool
}
