//! Sixty secrets on every way into a span: neither the server's data nor the process's output holds one.
#![expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]

mod corpora;
mod generated;
mod rules;
mod secrets;
mod sent;
mod workload;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use prefactor_local::Server;
use serde_json::Value;

/// Runs a `child_*` test of this binary in a process of its own.
fn child(test: &str, database: &Path) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env("PREFACTOR_TEST_CHILD", database);
    let output = command.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("all good"), "{output:?}");
    output
}

fn is_child() -> Option<PathBuf> {
    std::env::var_os("PREFACTOR_TEST_CHILD").map(PathBuf::from)
}

#[test]
fn child_workload() {
    if let Some(database) = is_child() {
        workload::run(&database);
        println!("all good");
    }
}

/// Returns everything that the server shows of the runs in its database.
fn shown(database: &Path) -> String {
    let server = Server::builder().database(database).start().unwrap();
    let get = |path: &str| {
        let request = ureq::get(format!("{}/api/v1/{path}", server.url()));
        let request = request.header("authorization", format!("Bearer {}", server.token()));
        request.call().unwrap().body_mut().read_to_string().unwrap()
    };
    let agents: Value = serde_json::from_str(&get("agent")).unwrap();
    let mut shown = agents.to_string();
    for agent in agents["summaries"].as_array().unwrap() {
        let instances = get(&format!("agent_instance?agent_id={}", agent["id"].as_str().unwrap()));
        let list: Value = serde_json::from_str(&instances).unwrap();
        shown += &instances;
        for instance in list["summaries"].as_array().unwrap() {
            let id = instance["id"].as_str().unwrap();
            shown += &get(&format!("agent_spans?agent_instance_id={id}&pagination[page_size]=100"));
        }
    }
    shown
}

#[test]
fn f60_no_secret_is_stored_nor_said() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redaction");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let database = folder.join("runs.db");
    let output = child("child_workload", &database);
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    for line in
        ["TRACE hyper_util", "DEBUG reqwest", "WARN prefactor: the API is out of reach", "PREFACTOR_API_URL"]
    {
        assert!(said.contains(line), "no {line} in {said}");
    }
    let mut places = vec![("said", said.into_owned()), ("shown", shown(&database))];
    for file in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        places.push(("stored", String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (place, text) in &places {
        for part in secrets::parts() {
            assert!(!text.contains(&part), "{part} is {place}: {:?}", around(text, &part));
        }
    }
    let (_, shown) = &places[1];
    assert_eq!(shown.matches(workload::PLAIN).count(), workload::PLAIN_TIMES, "what is no secret is there");
    for kept in workload::KEPT {
        assert!(shown.contains(kept), "{kept} is data");
    }
}

fn around(text: &str, part: &str) -> String {
    let (before, after) = text.split_once(part).unwrap_or_default();
    let before: Vec<_> = before.chars().rev().take(150).collect();
    before.into_iter().rev().chain(part.chars()).chain(after.chars().take(50)).collect()
}
