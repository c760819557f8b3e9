//! Golden expansions: each `tests/expand/x.rs` becomes what `tests/expand/x.expanded.rs` shows.

use std::fmt::Write as _;
use std::path::Path;

use syn::{File, ItemFn};

use super::expand;
use crate::args::Args;
use crate::check::check;

/// The comment at the top of a file, and the expansion of its annotated function, laid out for reading.
fn expanded(source: &str) -> String {
    let comment = source.lines().take_while(|line| line.starts_with("//"));
    let comment: String = comment.flat_map(|line| [line, "\n"]).collect();
    let function: ItemFn = syn::parse_str(source).unwrap();
    let (span, others) = function.attrs.split_first().unwrap();
    let (args, attrs): (Args, _) = (span.parse_args().unwrap(), others.to_vec());
    let item = quote::ToTokens::to_token_stream(&ItemFn { attrs, ..function });
    let function = syn::parse2(item.clone()).unwrap();
    check(&args, &function).unwrap();
    let file: File = syn::parse2(expand(&args, function, &item)).unwrap();
    comment + &prettyplease::unparse(&file)
}

#[test]
fn expansions_match_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/expand");
    let mut differences = String::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".expanded.rs") {
            continue;
        }
        let expanded = expanded(&std::fs::read_to_string(&path).unwrap());
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
    assert_eq!(count, 10);
}
