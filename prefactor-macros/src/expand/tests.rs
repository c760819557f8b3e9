//! Golden expansions: each `tests/expand/x.rs` becomes what `tests/expand/x.expanded.rs` shows.

use std::fmt::Write as _;
use std::path::Path;

use syn::{File, ItemFn};

use super::expand;
use super::schema::Features;
use crate::args::Args;
use crate::check::check;

/// The comment at the top of a file, and the expansion of its annotated function, laid out for reading.
fn expanded(source: &str, features: Features) -> String {
    let comment = source.lines().take_while(|line| line.starts_with("//!"));
    let comment: String = comment.flat_map(|line| [line, "\n"]).collect();
    let function: ItemFn = syn::parse_str(&source[comment.len()..]).unwrap();
    let (span, others) = function.attrs.split_first().unwrap();
    let (args, attrs): (Args, _) = (span.parse_args().unwrap(), others.to_vec());
    let item = quote::ToTokens::to_token_stream(&ItemFn { attrs, ..function });
    let function = syn::parse2(item.clone()).unwrap();
    check(&args, &function).unwrap();
    let file: File = syn::parse2(expand(&args, function, &item, features)).unwrap();
    comment + &prettyplease::unparse(&file)
}

/// Holds the expansions of a folder's files against their golden files, and gives how many there are.
fn compare(folder: &str, features: Features) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expand").join(folder);
    let mut differences = String::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() || name.ends_with(".expanded.rs") {
            continue;
        }
        let expanded = expanded(&std::fs::read_to_string(&path).unwrap(), features);
        let golden = path.with_extension("expanded.rs");
        if std::env::var_os("UPDATE_EXPAND").is_some() {
            std::fs::write(&golden, &expanded).unwrap();
        }
        if std::fs::read_to_string(&golden).unwrap_or_default() != expanded {
            writeln!(differences, "{name} expands to:\n{expanded}").unwrap();
        }
        count += 1;
    }
    assert!(differences.is_empty(), "{differences}(UPDATE_EXPAND=1 writes the files anew)");
    count
}

#[test]
fn expansions_match_the_golden_files() {
    assert_eq!(compare("", Features { schemas: false, schemars: false }), 10);
}

#[test]
fn expansions_with_the_feature_schemas_match_the_golden_files() {
    assert_eq!(compare("schemas", Features { schemas: true, schemars: true }), 3);
}
