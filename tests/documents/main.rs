//! The documents keep up with the code: each number has a row, each row a test or a benchmark, each public item an example, and
//! each path in them a file, and code on pages of GitHub can be copied.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

mod comments;
mod contributing;
mod correspondence;
mod examples;
mod numbers;
mod pages;
mod ranges;
mod usage;
mod users;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of the project that ends in one of these ways.
fn sources(folder: &Path, endings: &[&str], found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
            sources(&path, endings, found);
        } else if path.extension().is_some_and(|of| endings.iter().any(|ending| of == *ending)) {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
}
