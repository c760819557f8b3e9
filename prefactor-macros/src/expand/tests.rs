//! Golden expansions: each `tests/expand/x.rs` becomes what `tests/expand/x.expanded.rs` shows.

use std::fmt::Write as _;
use std::path::Path;

use syn::{File, ItemFn, Meta};

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
    let is_bare = matches!(span.meta, Meta::Path(_));
    let args: Args = if is_bare { syn::parse_str("") } else { span.parse_args() }.unwrap();
    let attrs = others.to_vec();
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
    assert_eq!(compare("", Features { schemas: false, schemars: false }), 12);
}

#[test]
fn expansions_with_the_feature_schemas_match_the_golden_files() {
    assert_eq!(compare("schemas", Features { schemas: true, schemars: true }), 3);
}

/// The function of the runtime that one shape alone calls, but for the guard alone.
const SHAPES: [&str; 8] = [
    "run_async",
    "run_async_by_value",
    "run",
    "run_by_value",
    "run_never",
    "finish",
    "finish_by_value",
    "CallGuard",
];

#[test]
fn functions_take_the_eight_documented_shapes() {
    let functions = [
        ("run_async", "async fn f(a: u8) -> Result<u8, E> { a }"),
        ("run_async", "async fn f() -> ! { loop {} }"),
        ("run_async_by_value", "async fn f() -> impl Iterator<Item = u8> { a }"),
        ("run", "fn f(a: u8) -> Result<u8, E> { a }"),
        ("run", "fn f() -> Pin<Box<dyn Future<Output = u8>>> { a }"),
        ("run_by_value", "fn f() -> impl Future<Output = u8> { a }"),
        ("run_never", "fn f() -> ! { loop {} }"),
        ("finish", "#[track_caller] fn f() -> u8 { a }"),
        ("finish_by_value", "#[track_caller] fn f() -> impl Display { a }"),
        ("CallGuard", "fn f() -> impl Fn(u8) -> u8 { a }"),
        ("CallGuard", "#[track_caller] fn f() -> impl Stream<Item = u8> { a }"),
        ("CallGuard", "#[track_caller] fn f() -> ! { loop {} }"),
    ];
    let described = include_str!("mod.rs").lines().filter(|line| line.starts_with("//! | "));
    let described: Vec<_> = described.filter_map(|line| line.split('`').nth(1)).collect();
    assert_eq!(described, SHAPES, "the table of shapes");
    for (shape, function) in functions {
        let text =
            expanded(&format!("#[span(\"a:b\")] {function}"), Features { schemas: false, schemars: false });
        let called = SHAPES.iter().filter(|name| calls(&text, name)).copied().collect::<Vec<_>>();
        let expected = if shape.starts_with("finish") { vec![shape, "CallGuard"] } else { vec![shape] };
        assert_eq!(called, expected, "{function} expands to:\n{text}");
    }
    for shape in SHAPES {
        assert!(functions.iter().any(|(of, _)| *of == shape), "{shape} has a function");
    }
}

/// Whether an expansion names that function or type of the runtime, or calls that method of the guard.
fn calls(expansion: &str, name: &str) -> bool {
    let is_in_path = |sign: char| sign.is_alphanumeric() || sign == '_';
    expansion.split(|sign: char| !is_in_path(sign)).any(|word| word == name)
}
