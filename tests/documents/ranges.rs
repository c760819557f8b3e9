//! The versions of foreign crates that `tests/foreign/ranges.sh` compiles, held to the manifests and the documentation.

use std::collections::BTreeMap;

use crate::read;

type Version = [u32; 3];

fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// The versions of each foreign crate that each integration is compiled with, oldest first.
fn compiled() -> BTreeMap<(String, String), Vec<Version>> {
    let mut compiled: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let script = read("tests/foreign/ranges.sh");
    let rows = script.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"'));
    for row in rows {
        let [integration, _, versions] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
        for (name, of) in versions.split(' ').map(|given| given.split_once('=').unwrap()) {
            compiled.entry((integration.to_owned(), name.to_owned())).or_default().push(version(of));
        }
    }
    for versions in compiled.values_mut() {
        versions.sort_unstable();
    }
    compiled
}

/// The oldest version that the manifest of an integration allows.
fn oldest(integration: &str, name: &str) -> Version {
    let manifest = read(&format!("integrations/{integration}/Cargo.toml"));
    let dependencies = manifest.split_once("\n[dependencies]").unwrap().1.split("\n[").next().unwrap();
    let line = dependencies.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap();
    let requirement = line.split('"').nth(1).unwrap();
    version(requirement.trim_start_matches(">=").split(',').next().unwrap())
}

#[test]
fn each_integration_is_compiled_with_the_oldest_versions_that_its_manifest_allows() {
    for ((integration, name), versions) in compiled() {
        assert_eq!(versions[0], oldest(&integration, &name), "{integration}: {name}");
    }
}

#[test]
fn documentation_of_each_integration_names_the_versions_that_were_compiled() {
    let compiled = compiled();
    for integration in ["async-openai", "rmcp", "streams", "tower", "tracing"] {
        let text = read(&format!("integrations/{integration}/src/lib.rs"));
        let section = text.split_once("//! # Versions\n").unwrap_or_else(|| panic!("{integration}")).1;
        let section = section.split("//! # ").next().unwrap();
        let of_it: Vec<_> = compiled.iter().filter(|((of, _), _)| of == integration).collect();
        assert!(!of_it.is_empty(), "{integration}");
        for ((_, name), versions) in of_it {
            for [major, minor, patch] in [versions[0], *versions.last().unwrap()] {
                let shown = format!("{major}.{minor}.{patch}");
                assert!(section.contains(&format!("{name} ")), "{integration}: {name}");
                assert!(section.contains(&shown), "{integration}: {name} {shown}");
            }
        }
    }
}
