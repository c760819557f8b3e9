use std::{fs, path::PathBuf};

use prefactor_local::{Error, Server};
use serde_json::json;

use crate::client::{span, start_with};

/// A folder of this test's own, removed when the test ends well or not.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        assert!(fs::create_dir_all(&folder).is_ok(), "{}", folder.display());
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn runs_keys_and_the_partition_survive_a_restart() {
    let folder = Folder::new("restart");
    let server = || Server::builder().database(folder.0.join("runs.db")).token("pf_fixed");
    let client = start_with(server());
    let instance = client.running();
    let mut body = span(&instance, "active");
    body["idempotency_key"] = "k".into();
    let first = client.post("agent_spans", &body);
    client.server.stop();

    let client = start_with(server());
    assert_eq!(client.post("agent_spans", &body).text, first.text);
    assert_eq!(client.span_count(&instance), 1);
    assert_eq!(client.register()[10..16], instance[10..16]);
    assert!(!fs::read(folder.0.join("runs.db")).unwrap().windows(8).any(|bytes| bytes == b"pf_fixed"));
}

#[test]
fn a_database_that_cannot_be_opened_names_itself_and_the_cure() {
    let folder = Folder::new("unopened");
    let error = Server::builder().database(folder.0.join("no/such/folder/runs.db")).start().unwrap_err();
    assert!(matches!(error, Error::Database { .. }));
    let text = error.to_string();
    assert!(text.contains("runs.db") && text.contains("check the folder"), "{text}");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = Folder::new("no-database");
    let file = folder.0.join("notes.txt");
    fs::write(&file, "not a database, and longer than a header of one hundred bytes ".repeat(20)).unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(Server::builder().database(&file).start(), Err(Error::ForeignDatabase { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_database_in_memory_ends_with_its_server() {
    let client = start_with(Server::builder());
    client.register();
    client.server.stop();
    let client = start_with(Server::builder());
    assert_eq!(client.get("agent_instance").body["pagination"]["item_count"], json!(0));
}
