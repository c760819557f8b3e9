use std::fs;

use prefactor_local::{Error, Server};
use serde_json::json;

use crate::{
    client::{span, start_with},
    folder::Folder,
};

#[test]
fn runs_keys_and_the_partition_survive_a_restart() {
    let folder = Folder::new("restart");
    let server = || Server::builder().database(folder.file("runs.db")).token("pf_fixed");
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
    assert!(!fs::read(folder.file("runs.db")).unwrap().windows(8).any(|bytes| bytes == b"pf_fixed"));
}

#[test]
fn database_that_cannot_be_opened_names_itself_and_the_cure() {
    let folder = Folder::new("unopened");
    let error = Server::builder().database(folder.file("no/such/folder/runs.db")).start().unwrap_err();
    assert!(matches!(error, Error::Database { .. }));
    let text = error.to_string();
    assert!(text.contains("runs.db") && text.contains("check the folder"), "{text}");
}

#[test]
fn file_that_is_no_database_is_left_alone() {
    let folder = Folder::new("no-database");
    let file = folder.file("notes.txt");
    fs::write(&file, "not a database, and longer than a header of one hundred bytes ".repeat(20)).unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(Server::builder().database(&file).start(), Err(Error::ForeignDatabase { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn database_in_memory_ends_with_its_server() {
    let client = start_with(Server::builder());
    client.register();
    client.server.stop();
    let client = start_with(Server::builder());
    assert_eq!(client.get("agent_instance").body["pagination"]["item_count"], json!(0));
}

#[test]
fn database_of_another_program_is_refused_before_any_change() {
    let folder = Folder::new("foreign");
    for (name, setup) in [
        ("plain.db", "CREATE TABLE notes (text)"),
        ("wal.db", "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)"),
        ("version.db", "PRAGMA user_version = 1; CREATE TABLE agent_span (id)"),
        ("owner.db", "PRAGMA application_id = 252006674; PRAGMA user_version = 2; CREATE TABLE notes (text)"),
    ] {
        let connection = rusqlite::Connection::open(folder.file(name)).unwrap();
        connection.execute_batch(setup).unwrap();
        let before = folder.contents();
        let error = Server::builder().database(folder.file(name)).start().unwrap_err();
        assert!(matches!(error, Error::ForeignDatabase { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains("name another file"), "{error}");
        assert!(folder.contents() == before, "{name} or a file beside it changed");
    }
}

#[test]
fn second_server_on_one_file_is_refused_until_the_first_has_stopped() {
    let folder = Folder::new("in-use");
    let server = || Server::builder().database(folder.file("runs.db")).start();
    let first = server().unwrap();
    let error = server().unwrap_err();
    assert!(matches!(error, Error::DatabaseInUse { .. }), "{error:?}");
    assert!(error.to_string().contains("runs.db"), "{error}");
    first.stop();
    server().unwrap().stop();
}

#[test]
fn file_of_a_newer_version_is_refused_unchanged() {
    let folder = Folder::new("newer");
    let file = folder.file("runs.db");
    Server::builder().database(&file).start().unwrap().stop();
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let before = folder.contents();
    let error = Server::builder().database(&file).start().unwrap_err();
    assert!(matches!(error, Error::DatabaseVersion { found: 1000, .. }), "{error:?}");
    assert!(folder.contents() == before);
}

#[cfg(unix)]
#[test]
fn files_of_a_database_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("modes");
    let client = start_with(Server::builder().database(folder.file("runs.db")));
    client.running();
    let names: Vec<_> = folder.contents().into_iter().map(|(path, _)| path).collect();
    assert!(names.contains(&folder.file("runs.db-wal")), "{names:?}");
    for path in names {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

/// FNV-1a of texts, each after a byte that no text holds: the stored keys of layouts before the seventh.
fn fingerprint(texts: &[&str]) -> i64 {
    let bytes = texts.iter().enumerate().flat_map(|(place, text)| {
        let mark = (place > 0).then_some(0xff);
        mark.into_iter().chain(text.bytes())
    });
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
}

#[test]
fn key_that_was_used_before_an_upgrade_is_known_after_it() {
    let folder = Folder::new("keys-of-layout-6");
    let file = folder.file("runs.db");
    let client = start_with(Server::builder().database(&file));
    let run = client.running();
    let span_id = client.span(&run, "complete");
    client.server.stop();
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(
        "DROP TABLE idempotency; PRAGMA user_version = 6;
         CREATE TABLE idempotency (hash INTEGER PRIMARY KEY, scope INTEGER NOT NULL, key TEXT NOT NULL,
             span INTEGER, answer TEXT) STRICT;",
    )
    .unwrap();
    let (token, start) = ("pf_same", format!("agent_instance/{run}/start"));
    for (endpoint, key, span, answer) in [
        ("agent_spans", "span-key", Some(1), None),
        (&start, "start-key", None, Some(r#"{"status":"success","details":{"kept":true}}"#)),
    ] {
        let (scope, hash) = (fingerprint(&[token, endpoint]), fingerprint(&[token, endpoint, key]));
        old.execute("INSERT INTO idempotency VALUES (?1, ?2, ?3, ?4, ?5)", (hash, scope, key, span, answer))
            .unwrap();
    }
    drop(old);

    let client = start_with(Server::builder().database(&file));
    let mut body = span(&run, "complete");
    for (key, is_known) in [("span-key", true), ("another", false)] {
        body["idempotency_key"] = key.into();
        let made = client.post_as(token, "agent_spans", &body).body["details"]["id"].clone();
        assert_eq!(made == span_id.as_str(), is_known, "{key}");
    }
    let started = client.post_as(token, &start, &json!({"idempotency_key": "start-key"}));
    assert_eq!(started.body["details"], json!({"kept": true}), "{}", started.text);
    assert!(
        client
            .post_as("other", &start, &json!({"idempotency_key": "start-key"}))
            .is_error(409, "invalid_action")
    );
}

#[test]
fn file_of_the_first_layout_keeps_its_runs() {
    let folder = Folder::new("first-layout");
    let file = folder.file("runs.db");
    let (run, span_id) = ("01m816mgw19nt2an6qc77b6nzss7a2qy", "01m816mgw19nt2an6qc77b6nzss7a2qz");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(include_str!("../../src/store/migrations/001_first.sql")).unwrap();
    old.execute_batch(&format!(
        r#"PRAGMA journal_mode = WAL;
        PRAGMA user_version = 1;
        INSERT INTO account VALUES ('a', 'e', 1);
        INSERT INTO agent VALUES ('g', 'agent', NULL, NULL, '2026-01-31T12:00:00.000001Z', '2026-01-31T12:00:00.999999Z');
        INSERT INTO agent_version VALUES ('v', 'g', 'default', '{{}}', '2026-01-31T12:00:00.000001Z');
        INSERT INTO agent_deployment VALUES ('d', 'g', 'e');
        INSERT INTO agent_instance VALUES ('{run}', 'g', 'v', NULL, 'd', 'failed', 'live', NULL, NULL,
            '2026-01-31T12:00:00.999999Z', '2026-01-31T12:00:02.000000Z', '2026-01-31T12:00:00.000001Z', '2026-01-31T12:00:00.000001Z');
        INSERT INTO agent_span VALUES ('{span_id}', '{run}', NULL, 'old:step', 'complete', '{{"a":1}}',
            '{{"b":2}}', 0, '2026-01-31T12:00:00.999999Z', '2026-01-31T12:00:01.500000Z',
            '2026-01-31T12:00:00.000001Z', '2026-01-31T12:00:00.000001Z');"#
    ))
    .unwrap();
    drop(old);

    let client = start_with(Server::builder().database(&file));
    let instance = client.get(&format!("agent_instance/{run}")).body["details"].clone();
    assert_eq!(instance["started_at"], "2026-01-31T12:00:00.999999Z");
    assert_eq!(instance["finished_at"], "2026-01-31T12:00:02.000000Z");
    assert_eq!(instance["status"], "failed");
    assert_eq!(instance["span_counts"]["complete"], 1);
    assert_eq!(instance["span_counts"]["total"], 1);
    let spans = client.get(&format!("agent_spans?agent_instance_id={run}"));
    assert_eq!(spans.summaries()[0]["id"], span_id);
    assert_eq!(spans.summaries()[0]["payload"], json!({"a": 1}));
    assert_eq!(spans.summaries()[0]["result_payload"], json!({"b": 2}));
    assert_eq!(spans.summaries()[0]["finished_at"], "2026-01-31T12:00:01.500000Z");
    client.span(run, "active");
    client.server.stop();
    Server::builder().database(&file).start().unwrap().stop();
}
