//! Recorded cases: requests as the official clients send them, with the answers that those clients read.
//!
//! `tests/cases/*.json` are data that name no type of this project. Each file is the life of one server: its steps are
//! sent in order, and each answer must equal the recorded one, key for key. `{name}` stands for a value that an earlier
//! step kept. `<pfid>`, `<time>` and `<secret>` stand for values that differ from run to run.
//!
//! `RECORD_CASES=1 cargo test -p prefactor-local --test it cases` writes the answers of this server into the files. The
//! difference is then reviewed against the contract, as any change of an answer is.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::start;

#[derive(Deserialize, Serialize)]
struct Case {
    about: String,
    steps: Vec<Step>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Method and path below `/api/v1`.
    request: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// The program that reads the answer, and its use of it.
    read_by: String,
    #[serde(default)]
    http: u16,
    #[serde(default)]
    answer: Value,
    /// Values for later steps: each name with its place in the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    keep: BTreeMap<String, String>,
}

/// Names of this case's values.
type Kept = BTreeMap<String, String>;

fn directory() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "cases"].iter().collect()
}

/// Plays a file, and returns its text as a recording of now.
fn play(mut case: Case) -> Case {
    let (client, mut kept) = (start(), Kept::new());
    for step in &mut case.steps {
        let (method, path) = step.request.split_once(' ').expect("a method and a path");
        let body = step.body.as_ref().map(|body| filled(&body.to_string(), &kept));
        let answer = client.request(
            method,
            filled(path, &kept).trim_start_matches('/'),
            &step.headers,
            body.as_deref(),
        );
        for (name, place) in &step.keep {
            let value = answer.body.pointer(place).and_then(Value::as_str);
            let missing = format!("{}: {place} is missing in {}", step.request, answer.text);
            kept.insert(name.clone(), value.expect(&missing).to_owned());
        }
        step.http = answer.http;
        step.answer = general(answer.body, &kept, "");
    }
    case
}

fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Returns an answer with placeholders for values that differ from run to run.
fn general(value: Value, kept: &Kept, key: &str) -> Value {
    match value {
        Value::String(text) => Value::String(general_text(text, kept, key)),
        Value::Array(items) => items.into_iter().map(|item| general(item, kept, key)).collect(),
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| {
                let value = general(value, kept, &key);
                (general_text(key, kept, ""), value)
            };
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn general_text(text: String, kept: &Kept, key: &str) -> String {
    if let Some((name, _)) = kept.iter().find(|(_, value)| **value == text) {
        return format!("{{{name}}}");
    }
    let is_pfid =
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let is_now =
        key.ends_with("_at") && text.len() == 27 && text.ends_with('Z') && !text.starts_with("2026-01-");
    if is_pfid {
        "<pfid>".to_owned()
    } else if is_now {
        "<time>".to_owned()
    } else if key == "token" || key == "invite_url" {
        "<secret>".to_owned()
    } else {
        text
    }
}

/// Returns the steps of all files whose answer differs from the recorded one.
#[test]
fn every_recorded_request_is_answered_as_recorded() {
    let is_recording = std::env::var_os("RECORD_CASES").is_some();
    let (mut differences, mut played) = (Vec::new(), 0);
    for entry in fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let read = || {
            serde_json::from_str::<Case>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let (recorded, now) = (read(), play(read()));
        if is_recording {
            fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
            continue;
        }
        for (recorded, now) in recorded.steps.iter().zip(&now.steps) {
            played += 1;
            if (recorded.http, &recorded.answer) != (now.http, &now.answer) {
                differences.push(format!(
                    "{}: {}\n  recorded {} {}\n  answered {} {}",
                    path.file_name().unwrap().display(),
                    recorded.request,
                    recorded.http,
                    recorded.answer,
                    now.http,
                    now.answer
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(is_recording || played > 0, "there are no cases in {}", directory().display());
}

/// Reads each request of the API as a method and a path. The list is written from the platform's contract.
fn index() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../cases/index.txt").lines().map(|line| line.split_once(' ').expect("a method and a path"))
}

/// Reads all recorded steps.
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for entry in fs::read_dir(directory()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let case: Case = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            steps.extend(case.steps);
        }
    }
    steps
}

#[test]
fn every_request_of_the_api_has_a_recorded_case_and_a_reader() {
    let (steps, paths): (_, Vec<_>) = (steps(), index().map(|(_, path)| path).collect());
    let is_recorded = |method: &str, path: &str| {
        steps.iter().any(|step| is_request_for(&step.request, method, path, &paths))
    };
    // The answer to this one is `src/routes/openapi.json`, which the next test compares with the index.
    let is_file = |path: &str| path == "/openapi";
    let missing: Vec<_> =
        index().filter(|(method, path)| !is_file(path) && !is_recorded(method, path)).collect();
    assert_eq!(missing, [("", ""); 0], "record a case for each");
    for step in &steps {
        assert!(!step.read_by.trim().is_empty(), "{}: say which program reads the answer", step.request);
    }
}

/// The server's specification, and the answers that say that a laptop has no use for a request, make up the index.
#[test]
fn every_request_of_the_api_is_in_the_specification_or_answered_as_absent() {
    let client = start();
    let specification = client.get("openapi").body;
    let described = |method: &str, path: &str| {
        !specification["paths"][format!("/api/v1{path}")][method.to_lowercase()].is_null()
    };
    let mut unknown = Vec::new();
    for (method, path) in index() {
        let asked = path.replace("{id}", "00000000000000000000000000000000");
        let answer = client.request(method, asked.trim_start_matches('/'), &BTreeMap::new(), Some("{}"));
        let is_absent = answer.is_error(404, "not_found")
            && answer.body["message"].as_str().is_some_and(|message| message.contains("local server"));
        if !described(method, path) && !is_absent {
            unknown.push(format!("{method} {path}: {}", answer.text));
        }
    }
    assert_eq!(unknown, [""; 0]);
    for (path, methods) in specification["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let request = (method.to_uppercase(), path.strip_prefix("/api/v1").unwrap());
            assert!(index().any(|(method, path)| (method, path) == (&request.0, request.1)), "{request:?}");
        }
    }
}

/// Every type of a bulk item has a case.
#[test]
fn every_type_of_a_bulk_item_has_a_recorded_case() {
    let source = include_str!("../../src/routes/bulk.rs");
    let types = source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
    let types: Vec<_> = types.map(|(name, _)| name).filter(|name| name.contains('/')).collect();
    assert!(types.len() > 20, "{types:?}");
    let mut recorded = String::new();
    for entry in fs::read_dir(directory()).unwrap() {
        recorded.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let is_missing = |name: &&str| !recorded.contains(&format!("\"_type\": \"{name}\""));
    assert_eq!(types.into_iter().filter(is_missing).collect::<Vec<_>>(), [""; 0], "record a case for each");
}

fn is_request_for(request: &str, method: &str, path: &str, paths: &[&str]) -> bool {
    let (asked_method, asked) = request.split_once(' ').expect("a method and a path");
    let asked = asked.split('?').next().unwrap_or_default();
    if !asked_method.eq_ignore_ascii_case(method) {
        return false;
    }
    let exact = paths.contains(&asked);
    if exact || !path.contains('{') {
        return asked == path;
    }
    let (asked, path): (Vec<_>, Vec<_>) = (asked.split('/').collect(), path.split('/').collect());
    asked.len() == path.len()
        && asked.iter().zip(&path).all(|(asked, path)| path.starts_with('{') || asked == path)
}
