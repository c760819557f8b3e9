//! The promises of README and the guide: few crates for the first command, and a variable or a reason for each setting.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{read, root, sources};

#[test]
fn first_command_of_the_readme_builds_few_crates() {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--package", "prefactor", "--edges", "normal,build,dev"]);
    let output = tree.args(["--prefix", "none", "--format", "{p}"]).current_dir(root()).output().unwrap();
    let crates = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = crates.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    assert!(crates.len() > 100, "the tree could not be read: {}", String::from_utf8_lossy(&output.stderr));
    assert!(crates.len() <= 145, "{} crates: {crates:?}", crates.len());
}

/// The settings of the client's builder, by the names of their methods.
fn builder_settings() -> BTreeSet<String> {
    let mut found = Vec::new();
    sources(&root().join("prefactor-runtime/src/client"), &["rs"], &mut found);
    let blocks = found.iter().filter(|(path, _)| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("builder"))
    });
    let methods = blocks.flat_map(|(_, text)| text.split("pub fn ").skip(1));
    let of_self = methods.filter(|method| method.split("->").next().unwrap().contains("mut self"));
    of_self.map(|method| method[..method.find(['(', '<']).unwrap()].to_owned()).collect()
}

#[test]
fn each_setting_of_the_builder_has_a_variable_or_a_reason() {
    let settings = builder_settings();
    assert!(settings.len() > 35, "the search finds too few: {settings:?}");
    let page = read("src/guide/configuration.md");
    let cells = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        match cells.len() {
            5 => Some(cells[2].to_owned()),
            2 => Some(cells[0].to_owned()),
            _ => None,
        }
    });
    let named: Vec<String> = cells.collect();
    for setting in settings {
        let is_there = named.iter().any(|cell| {
            cell.contains(&format!("`{setting}`")) || cell.contains(&format!("`ClientBuilder::{setting}`"))
        });
        assert!(is_there, "src/guide/configuration.md has neither a variable nor a reason for `{setting}`");
    }
}
