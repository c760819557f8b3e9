//! The documents keep up with the code: each number has a row, each row a test or a benchmark, each public item an example, and
//! each path in them a file.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

mod ranges;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of a document's tables that begin with a number such as `F36`, cell by cell.
fn rows(document: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in read(document).lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let is_number = cells[0].starts_with(|c: char| c.is_ascii_uppercase())
            && cells[0].chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        if is_number {
            assert!(rows.insert(cells[0].clone(), cells).is_none(), "{document} has a number twice: {line}");
        }
    }
    rows
}

/// The texts in backticks that are paths below the root.
fn paths(cell: &str) -> Vec<String> {
    let quoted = cell.split('`').skip(1).step_by(2).filter(|text| text.contains('/'));
    quoted.map(|path| path.replace("core/", "prefactor-runtime/src/delivery/tests/")).collect()
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

/// The number of a test called `f36_…`, as the document writes it: `F36`, `F11b`.
fn number_of(test: &str) -> Option<String> {
    let (number, _) = test.split_once('_')?;
    let digits = number.strip_prefix(['f', 's', 'g'])?;
    let letter = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (digits.len() > letter.len() && letter.len() <= 1).then(|| number[..1].to_uppercase() + digits)
}

#[test]
fn fault_matrix_names_files_that_hold_tests_of_the_number() {
    let rows = rows("docs/fault-matrix.md");
    assert!(rows.len() > 70, "only {} rows", rows.len());
    for (number, cells) in &rows {
        let files = paths(cells.last().unwrap());
        for file in &files {
            assert!(root().join(file).exists(), "{number} names {file}, which does not exist");
            let test = format!("{}_", number.to_lowercase());
            let has_test = number.starts_with('G')
                || read(file).contains(&format!("fn {test}"))
                || read(file).contains(&format!("\"{test}"));
            assert!(has_test, "{file} holds no test of {number}, called {test}…");
        }
        assert!(!files.is_empty() || number.starts_with('G'), "{number} names no file");
    }
}

#[test]
fn tests_with_a_number_have_a_row_in_the_fault_matrix() {
    let rows = rows("docs/fault-matrix.md");
    let mut files = Vec::new();
    sources(&root(), &["rs"], &mut files);
    let mut numbers = BTreeSet::new();
    for (path, text) in &files {
        for test in text.split("fn ").skip(1) {
            let Some(number) = number_of(test) else { continue };
            assert!(rows.contains_key(&number), "{}: {number} has no row", path.display());
            numbers.insert(number);
        }
    }
    assert!(numbers.len() > 50, "the search finds too few: {numbers:?}");
}

#[test]
fn benchmarks_print_only_numbers_that_have_a_row() {
    let mut rows = rows("docs/performance-targets.md");
    rows.extend(self::rows("docs/fault-matrix.md"));
    let mut files = Vec::new();
    sources(&root().join("benches"), &["rs"], &mut files);
    let mut numbers = BTreeSet::new();
    for (path, text) in &files {
        for quoted in text.split('"').skip(1).step_by(2) {
            let (letter, digits) = quoted.split_at_checked(1).unwrap_or_default();
            let is_number = matches!(letter, "P" | "E" | "C" | "L" | "F" | "G")
                && !digits.is_empty()
                && digits.chars().all(|c| c.is_ascii_digit());
            if is_number {
                assert!(rows.contains_key(quoted), "{}: {quoted} has no row", path.display());
                numbers.insert(quoted.to_owned());
            }
        }
    }
    assert!(numbers.len() > 15, "the search finds too few: {numbers:?}");
}

/// The numbers such as `F36` in a line: a letter of the documents' tables, one or two digits, perhaps a small letter.
fn numbers_in(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || "_%\\-".contains(c))).filter(|word| {
        let digits = word.strip_prefix(['F', 'S', 'G', 'P', 'E', 'C', 'X', 'D', 'L']).unwrap_or_default();
        let digits = digits.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(digits);
        matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[test]
fn numbers_in_comments_and_texts_have_a_row() {
    let mut rows = rows("docs/performance-targets.md");
    rows.extend(self::rows("docs/fault-matrix.md"));
    let mut files = Vec::new();
    sources(&root(), &["rs", "md"], &mut files);
    let mut found = 0;
    for (path, text) in &files {
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        for line in text.lines().filter(|line| !is_code || line.trim().starts_with("//")) {
            for number in numbers_in(line) {
                assert!(rows.contains_key(number), "{}: {number} has no row: {line}", path.display());
                found += 1;
            }
        }
    }
    assert!(found > 200, "the search finds too few: {found}");
}

/// The names that the facade exports.
fn public_names() -> Vec<String> {
    let facade = read("src/lib.rs");
    let list = facade.split("pub use prefactor_runtime::{").nth(1).unwrap().split("};").next().unwrap();
    let names = list.split(',').map(|name| name.trim().to_owned());
    names
        .filter(|name| {
            !name.is_empty()
                && !["adapters", "transport", "propagation", "thread", "span_data"].contains(&name.as_str())
        })
        .collect()
}

/// The doc comment above the declaration of a public item of that name, if this file has it.
fn doc_comment(text: &str, name: &str) -> Option<String> {
    let is_declaration = |line: &&str| {
        let rest = ["struct ", "enum ", "trait ", "fn ", "async fn "]
            .iter()
            .find_map(|kind| line.trim().strip_prefix("pub ")?.strip_prefix(kind));
        rest.and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(is_declaration)?;
    let above = lines[..place].iter().rev().map(|line| line.trim());
    let belongs =
        |line: &&str| line.starts_with("///") || !(line.is_empty() || line.ends_with(['{', '}', ';']));
    let above: Vec<_> = above.take_while(belongs).collect();
    Some(above.join("\n"))
}

#[test]
fn public_items_have_an_example_that_imports_the_facade() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-runtime/src"), &["rs"], &mut files);
    files.retain(|(path, _)| path.components().all(|part| part.as_os_str() != "disabled"));
    let names = public_names();
    assert!(names.len() > 30, "the search finds too few: {names:?}");
    for name in names {
        let docs: Vec<_> = files.iter().filter_map(|(_, text)| doc_comment(text, &name)).collect();
        assert!(docs.iter().any(|doc| doc.contains("```")), "`{name}` has no example");
    }
    for (path, text) in &files {
        let mut examples = text.lines().filter(|line| line.trim().starts_with("//"));
        assert!(
            !examples.any(|line| line.contains("use prefactor_runtime")),
            "{}: an example imports `prefactor_runtime`, which users do not depend on",
            path.display()
        );
    }
}

/// The lines that declare public functions, each with its doc comment.
fn public_functions(text: &str) -> Vec<(&str, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_public = |line: &str| {
        let kinds = ["pub fn ", "pub const fn ", "pub async fn "];
        let name = kinds.iter().find_map(|kind| line.strip_prefix(kind));
        // A macro's own examples stand where it is called.
        name.is_some_and(|name| !name.starts_with('$'))
    };
    let declarations = lines.iter().enumerate().filter(|(_, line)| is_public(line));
    let with_docs = declarations.map(|(place, line)| {
        let above = lines[..place].iter().rev();
        let above = above.take_while(|line| line.starts_with("///") || line.starts_with("#["));
        (*line, above.copied().collect::<Vec<_>>().join("\n"))
    });
    with_docs.collect()
}

/// `pub` means public there: the lint `unreachable_pub` asks for `pub(crate)` otherwise.
#[test]
fn public_functions_of_the_local_server_have_an_example() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-local/src"), &["rs"], &mut files);
    let mut count = 0;
    for (path, text) in &files {
        for (function, doc) in public_functions(text) {
            assert!(doc.contains("```"), "{}: no example: {function}", path.display());
            count += 1;
        }
    }
    assert!(count > 60, "the search finds too few: {count}");
}

/// Clauses and fragments that name no subject, and so leave the reader to find the thing that they describe.
const BEGINNINGS_WITHOUT_A_SUBJECT: [&str; 6] =
    ["What", "Whatever", "Whoever", "So many", "Nobody", "Nothing."];

#[test]
fn nearly_all_doc_comments_begin_with_a_subject_or_a_verb() {
    let mut files = Vec::new();
    sources(&root(), &["rs"], &mut files);
    let (mut count, mut clauses) = (0, Vec::new());
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with("tests/documents/main.rs")) {
        if path.components().any(|part| ["cases", "expand"].iter().any(|folder| part.as_os_str() == *folder))
        {
            continue;
        }
        let mut is_first = true;
        for line in text.lines().map(str::trim) {
            let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim);
            if let Some(comment) = comment.filter(|_| is_first) {
                let is_clause = BEGINNINGS_WITHOUT_A_SUBJECT.iter().any(|beginning| {
                    let rest = comment.strip_prefix(beginning);
                    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
                });
                if is_clause {
                    clauses.push(format!("{}: {line}", path.display()));
                }
                count += 1;
            }
            is_first = comment.is_none();
        }
    }
    assert!(count > 5_000, "the search finds too few: {count}");
    assert!(clauses.len() <= 20, "{} comments without a subject:\n{}", clauses.len(), clauses.join("\n"));
}

/// The code of the examples in a file: in the doc comments of a source, or in a page.
fn examples(path: &Path, text: &str) -> String {
    let is_code = path.extension().is_some_and(|extension| extension == "rs");
    let (mut code, mut is_example) = (String::new(), false);
    for line in text.lines().map(str::trim) {
        let line =
            if is_code { line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) } else { Some(line) };
        match line.map(str::trim) {
            Some(fence) if fence.starts_with("```") => is_example = !is_example,
            Some(line) if is_example => code.extend([line, "\n"]),
            _ => {}
        }
    }
    code
}

/// Folders of the runtime whose `pub` items generated code or programs of this project call, and no user.
const NOT_FOR_USERS: [&str; 10] = [
    "src/bin/",
    "src/disabled/",
    "src/instrument/",
    "src/manager/",
    "src/payload/",
    "src/span/undecided.rs",
    "src/span/unobserved.rs",
    "src/spool/",
    "src/macro_support.rs",
    "src/types/schema/contributed/",
];

/// A function without an example of its own stands in the example of its type or of another function.
#[test]
fn public_functions_of_the_sdk_are_called_in_an_example() {
    let mut files = Vec::new();
    sources(&root().join("prefactor-runtime/src"), &["rs"], &mut files);
    let mut pages = files.clone();
    sources(&root().join("prefactor-macros/src"), &["rs"], &mut pages);
    sources(&root().join("src"), &["md"], &mut pages);
    let examples: String = pages.iter().map(|(path, text)| examples(path, text)).collect();
    let mut count = 0;
    for (path, text) in &files {
        let path = path.to_string_lossy().replace('\\', "/");
        let (_, path) = path.split_once("/prefactor-runtime/").unwrap();
        if NOT_FOR_USERS.iter().any(|folder| path.contains(folder)) || path.contains("/tests") {
            continue;
        }
        for (function, doc) in public_functions(text) {
            let name = function.split("fn ").nth(1).unwrap();
            let name = &name[..name.find(['(', '<']).unwrap()];
            let is_called = ["(", "::<"].iter().any(|call| {
                let calls = [format!(".{name}{call}"), format!("::{name}{call}")];
                calls.iter().any(|call| examples.contains(call))
            });
            let is_hidden = doc.contains("doc(hidden)");
            assert!(is_called || is_hidden || doc.contains("```"), "{path}: no example calls {name}");
            count += 1;
        }
    }
    assert!(count > 250, "the search finds too few: {count}");
}

/// The texts in backticks outside of code blocks.
fn quoted(document: &str) -> Vec<String> {
    let outside = document.split("```").step_by(2);
    outside.flat_map(|text| text.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The part of a document from one heading of the second level to the next.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let section = document.split("\n## ").find_map(|section| section.strip_prefix(heading));
    section.unwrap_or_else(|| panic!("no section {heading}"))
}

#[test]
fn architecture_is_one_page_with_nine_steps_of_one_folder_each() {
    let page = read("ARCHITECTURE.md");
    assert!(page.lines().count() <= 120, "{} lines", page.lines().count());
    let steps = section(&page, "One span, from function to wire").split("\n\n").nth(1).unwrap();
    let heads: Vec<&str> =
        steps.lines().filter_map(|line| line.split_once(". **`")).map(|(_, head)| head).collect();
    assert!((5..=9).contains(&heads.len()), "{heads:?}");
    for head in heads {
        let (folder, _) = head.split_once("`: ").unwrap();
        assert!(
            root().join("prefactor-runtime/src").join(folder).is_dir(),
            "the step {head} names no folder"
        );
    }
    let glossary = section(&page, "Glossary").lines().filter(|line| line.starts_with("| ")).count();
    assert!((10..=40).contains(&glossary), "{glossary} rows");
}

#[test]
fn recipes_and_architecture_name_files_and_methods_that_exist() {
    let bases = ["", "prefactor-runtime/src", "prefactor-runtime/src/delivery", "prefactor-macros/src"];
    let mut sources_of_sdk = Vec::new();
    for package in ["prefactor-runtime/src", "prefactor-local/src", "tests"] {
        sources(&root().join(package), &["rs"], &mut sources_of_sdk);
    }
    let (mut files, mut methods) = (0, 0);
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        for text in quoted(&read(document)) {
            let is_path = text.contains('/')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
                && !text.starts_with('-');
            if is_path {
                let is_there = bases.iter().any(|base| {
                    let path = root().join(base).join(&text);
                    path.exists() || path.with_extension("rs").exists()
                });
                assert!(is_there || text == "target/", "{document} names {text}, which does not exist");
                files += 1;
            } else if let Some((of, method)) = text.split_once("::") {
                let is_method = of.starts_with(|c: char| c.is_ascii_uppercase())
                    && method.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_method {
                    let declaration = format!("fn {method}");
                    let is_there = sources_of_sdk.iter().any(|(_, text)| text.contains(&declaration));
                    assert!(is_there, "{document} names {text}, which does not exist");
                    methods += 1;
                }
            }
        }
    }
    assert!(files > 30 && methods >= 2, "the search finds too few: {files} and {methods}");
}

/// So that the owner fills in one line each, in the places that CONTRIBUTING.md names.
#[test]
fn published_packages_take_their_links_from_the_workspace() {
    let mut manifests = Vec::new();
    sources(&root(), &["toml"], &mut manifests);
    let mut count = 0;
    for (path, text) in &manifests {
        if path.ends_with("Cargo.toml") && text.contains("[package]") && !text.contains("publish") {
            let links = ["repository.workspace = true", "homepage.workspace = true"];
            assert!(links.iter().all(|link| text.contains(link)), "{}: no link", path.display());
            count += 1;
        }
    }
    assert!(count >= 9, "the search finds too few: {count}");
    let places = read("CONTRIBUTING.md");
    let places = section(&places, "Before the first release");
    for place in ["`Cargo.toml`", "`tests/foreign/Cargo.toml`", "`SECURITY.md`"] {
        assert!(places.contains(place), "{place}");
    }
}

/// The public names of the packages: `__all__` and the methods of classes in Python, `export` in TypeScript.
const PUBLIC_NAMES: [(&str, &str); 4] = [
    (
        "prefactor-core 0.5.3",
        "AgentInstance AgentInstanceHandle ClientAlreadyInitializedError ClientNotInitializedError InMemoryQueue \
         InstanceNotFoundError Operation OperationError OperationType PrefactorCoreClient PrefactorCoreConfig PrefactorCoreError \
         PrefactorTelemetryFailureError PrefactorTerminatedError Queue QueueClosedError QueueConfig SchemaRegistry Span SpanContext \
         SpanContextStack SpanNotFoundError TaskExecutor __version__ build_runtime_environment generate_idempotency_key \
         validate_idempotency_key warn_missing_adaptor_config close create_agent_instance create_span finish_span initialize \
         instance_manager record_quality span cancel complete fail finish id set_result start get has_schema list_schemas merge \
         register register_quality_schema register_result register_type register_unsafe to_agent_schema_version",
    ),
    (
        "prefactor-http 0.4.3",
        "AgentInstance AgentInstanceRecordQuality AgentInstanceSpanCounts AgentSchemaVersionForRegister AgentSpan AgentStatus \
         AgentVersionForRegister ApiResponse BulkItem BulkOutput BulkRequest BulkResponse FinishInstanceRequest FinishStatus \
         HttpClientConfig InstancePurpose PrefactorApiError PrefactorAuthError PrefactorClientError PrefactorHttpClient \
         PrefactorHttpError PrefactorNotFoundError PrefactorResponseContractError PrefactorRetryExhaustedError \
         PrefactorValidationError QualitySchemaDetails QualitySchemaForCreate RuntimeEnvironment SpanTypeSchemaForCreate",
    ),
    (
        "@prefactor/core 0.2.9, with what is known of 1.2.0",
        "AgentInstanceManager Config ConfigSchema HttpTransportConfig createConfig CoreRuntime createCore registerShutdownHandler \
         shutdown SpanContext createSpanTypePrefixer ErrorInfo Span SpanStatus SpanType TokenUsage EndSpanOptions StartSpanOptions \
         Tracer withSpan AgentInstanceClient AgentInstanceFinishOptions AgentInstanceRegisterPayload AgentInstanceResponse \
         AgentInstanceStartOptions AgentSpanClient AgentSpanCreatePayload AgentSpanFinishOptions AgentSpanResponse AgentSpanStatus \
         HttpClient HTTPClient HttpClientError HttpRequester AgentInstanceOptions Transport HttpTransport configureLogging \
         getLogger serializeValue truncateString createAgentInstance recordQuality terminate ApiError AgentSpanControlSignal \
         AlreadyFinished toolSchemas sdkHeaderEntry finishCurrentRun onFatalError",
    ),
    (
        "openai-agents 0.24.0, agents.tracing",
        "AgentSpanData CustomSpanData FunctionSpanData GenerationSpanData GuardrailSpanData HandoffSpanData MCPListToolsSpanData \
         ResponseSpanData Span SpanData SpanError SpeechGroupSpanData SpeechSpanData TaskSpanData Trace TraceCtxManager \
         TraceProvider TracingConfig TracingProcessor TracingExporter TranscriptionSpanData TurnSpanData add_trace_processor \
         agent_span custom_span flush_traces function_span gen_span_id gen_trace_id generation_span get_current_span \
         get_current_trace get_trace_provider guardrail_span handoff_span mcp_tools_span response_span set_trace_processors \
         set_trace_provider set_tracing_disabled speech_group_span speech_span task_span trace transcription_span turn_span \
         trace_id span_id parent_id span_data error started_at ended_at start finish set_error trace_metadata tracing_api_key \
         force_flush NoOpSpan",
    ),
];

#[test]
fn correspondence_has_each_public_name_of_the_packages() {
    let document = read("docs/correspondence.md");
    let rows =
        document.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split('|').nth(1));
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let named: BTreeSet<&str> = rows.flat_map(|cell| cell.split(|character| !is_part(character))).collect();
    for (package, names) in PUBLIC_NAMES {
        let missing: Vec<_> = names.split_whitespace().filter(|name| !named.contains(name)).collect();
        assert!(missing.is_empty(), "docs/correspondence.md has no row for {missing:?} of {package}");
    }
}

#[test]
fn each_row_of_the_correspondence_names_a_test_that_exists_or_a_reason() {
    let mut found = Vec::new();
    sources(&root().join("tests"), &["rs"], &mut found);
    let document = read("docs/correspondence.md");
    let rows = document
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let (mut tests, mut reasons) = (0, 0);
    for row in rows.filter(|row| row[0] != "theirs") {
        match &row[..] {
            [_, ours, _, test] => {
                assert!(!ours.is_empty(), "{row:?} has no name of ours");
                let function = format!("fn {}()", test.trim_matches('`'));
                let is_there =
                    test.starts_with('`') && found.iter().any(|(_, text)| text.contains(&function));
                assert!(is_there, "{row:?} names no test that exists");
                tests += 1;
            }
            [_, reason] => {
                assert!(!reason.is_empty(), "{row:?} has no reason");
                reasons += 1;
            }
            _ => panic!("{row:?} has neither four cells nor two"),
        }
    }
    assert!(tests > 80 && reasons > 15, "the tables could not be read: {tests} and {reasons}");
}

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
