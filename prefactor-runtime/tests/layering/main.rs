//! The imports of the workspace's crates run one way.
//!
//! The test reads every path of every source file, in `use` declarations, in code and in the arguments of macros,
//! and finds the file that defines what the path names. A file must import only from folders below its own, and no
//! two files may depend on each other, directly or through others.

mod graph;
mod paths;
mod tree;

use std::path::{Path, PathBuf};

use graph::Edge;
use tree::Crate;

/// The folders of the runtime, from the top down. Folders in braces stand side by side.
///
/// Files in the root of the crate (`lib.rs` and its like) collect names for users and for generated code: they import
/// from everywhere, and no file imports from them.
const LAYERS: &str = "{testing, disabled} → instrument → client → span → context → manager → delivery → spool → export → api → wire → transport → \
                      {config, operation} → {types, redaction} → payload → platform";

/// How far down a folder stands: one may import from those that stand further down.
fn rank(folder: &str) -> Option<usize> {
    LAYERS
        .split(" → ")
        .position(|layer| layer.trim_matches(['{', '}']).split(", ").any(|name| name == folder))
}

/// Why an import breaks the order of the folders, if it does.
fn broken_layer(edge: &Edge) -> Option<String> {
    let (from, to) = (edge.from.folder(), edge.to.folder());
    if from == to {
        return None;
    }
    let Some(to) = to else {
        return Some("no file imports from a file in the root of the crate".to_owned());
    };
    let from = from?;
    let (Some(from_rank), Some(to_rank)) = (rank(from), rank(to)) else {
        return Some(format!("`{from}` or `{to}` is missing in the table of layers"));
    };
    (from_rank >= to_rank)
        .then(|| format!("`{from}` imports only from folders below it, and `{to}` is not one"))
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with one line for each broken rule.
fn assert_none(broken: &[String], what: &str) {
    assert!(broken.is_empty(), "{} {what}:\n{}\n", broken.len(), broken.join("\n"));
}

fn circles(edges: &[Edge]) -> Vec<String> {
    let mut circular = graph::circular(edges);
    circular.dedup_by_key(|edge| (edge.from.clone(), edge.to.clone()));
    circular.iter().map(|edge| format!("{edge}: part of a circle: {}", graph::circle(edges, edge))).collect()
}

#[test]
fn runtime_s_folders_import_only_from_folders_below_them() {
    let edges = Crate::read(&workspace().join("prefactor-runtime/src/lib.rs")).edges();
    assert!(edges.len() > 200, "the sources were read");
    let broken: Vec<_> =
        edges.iter().filter_map(|edge| Some(format!("{edge}: {}", broken_layer(edge)?))).collect();
    assert_none(&broken, "imports run upwards");
}

#[test]
fn runtime_s_files_do_not_import_each_other_in_circles() {
    let edges = Crate::read(&workspace().join("prefactor-runtime/src/lib.rs")).edges();
    assert_none(&circles(&edges), "imports are part of a circle");
}

#[test]
fn local_server_s_files_do_not_import_each_other_in_circles() {
    let edges = Crate::read(&workspace().join("prefactor-local/src/lib.rs")).edges();
    assert_none(&circles(&edges), "imports are part of a circle");
}

#[test]
fn macro_crate_s_files_do_not_import_each_other_in_circles() {
    let edges = Crate::read(&workspace().join("prefactor-macros/src/lib.rs")).edges();
    assert_none(&circles(&edges), "imports are part of a circle");
}

#[test]
fn architecture_shows_the_layers_that_are_checked_here() {
    let page = std::fs::read_to_string(workspace().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(LAYERS), "ARCHITECTURE.md must contain the line: {LAYERS}");
}

#[test]
fn every_kind_of_path_is_found_and_judged() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layering/fixture/lib.rs");
    let edges = Crate::read(&fixture).edges();
    let upward: Vec<_> =
        edges.iter().filter(|edge| broken_layer(edge).is_some()).map(ToString::to_string).collect();
    let expected = [
        "payload/text.rs:3: `crate::client`",
        "payload/text.rs:3: `crate::client::handle::Client`",
        "payload/text.rs:4: `super::super::span::Span`",
        "payload/text.rs:7: `crate::context::current`",
        "payload/text.rs:8: `client::init`",
        "payload/text.rs:9: `crate::wire::encode`",
        "payload/text.rs:12: `crate::delivery::queue::Queue`",
        "payload/text.rs:15: `crate::Builder`",
        "payload/text.rs:20: `crate::manager::limits`",
    ];
    for (number, line) in expected.iter().enumerate() {
        assert!(upward.get(number).is_some_and(|found| found.starts_with(line)), "{line} in {upward:#?}");
    }
    assert_eq!(upward.len(), expected.len(), "{upward:#?}");
    assert_eq!(graph::circular(&edges).len(), 2, "`types/a.rs` and `types/b.rs` import each other");
}
