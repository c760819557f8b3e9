//! Journals and segments that the user of the tool may not read.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::{deliver, killed, run};
use crate::child::server;
use crate::programs::tool;

/// A user without rights.
const NOBODY: u32 = 65_534;

/// Runs a tool as that user, where the tests run as one with all rights, from a folder where that user may execute it.
fn as_somebody(tool: &mut Command, folder: &Path) -> Command {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    if fs::metadata(folder).unwrap().uid() != 0 {
        return std::mem::replace(tool, Command::new("false"));
    }
    let copy = folder.join("prefactor-spool");
    // By another process: a program that is forked here meanwhile would hold the file open for writing, so that it cannot be run.
    assert!(Command::new("cp").arg(tool.get_program()).arg(&copy).status().unwrap().success());
    let mut other = Command::new(&copy);
    other.args(tool.get_args()).uid(NOBODY).gid(NOBODY).current_dir("/");
    for (name, value) in tool.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other
}

#[test]
fn journal_that_cannot_be_read_is_told_of_by_every_command() {
    let (folder, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let spool = folder.path().join("spool");
    killed(&oracle, &server, &spool, 1);
    let journal = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().path();
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o755)).unwrap();
    let mut files = fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path());
    let segment = files.find(|path| path.extension().is_some_and(|end| end == "segment")).unwrap();
    let name = journal.file_name().unwrap().to_str().unwrap();
    let of = |command: &str| {
        let mut tool = if command == "deliver" { deliver(&server, &spool, &[]) } else { tool() };
        if command != "deliver" {
            tool.arg(command).arg(&spool);
        }
        run(as_somebody(&mut tool, folder.path()))
    };
    for (mode, of_journal) in [(0o000, true), (0o755, false)] {
        fs::set_permissions(&segment, fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(&journal, fs::Permissions::from_mode(mode)).unwrap();
        let (text, code) = of("inspect");
        assert!(text.contains(name) && text.contains("cannot be read"), "{text}");
        assert_eq!(code, Some(0), "{text}");
        let (text, code) = of("export");
        assert!(text.contains(name) && text.contains("cannot be read"), "{text}");
        assert_eq!(code, Some(1), "{text}");
        if of_journal {
            let (text, code) = of("deliver");
            assert!(text.contains(&format!("{name} is not readable by this user")), "{text}");
            assert_eq!(code, Some(1), "{text}");
        }
    }
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o700)).unwrap();
    let (text, code) = run(deliver(&server, &spool, &[]));
    assert_eq!((text.as_str(), code), ("11 spans delivered\n", Some(0)));
}

#[test]
fn f47_segment_that_cannot_be_read_is_set_aside_and_the_others_are_delivered() {
    let (folder, (oracle, server)) = (tempfile::tempdir().unwrap(), server());
    let spool = folder.path().join("spool");
    killed(&oracle, &server, &spool, 1);
    let journal = fs::read_dir(&spool).unwrap().next().unwrap().unwrap().path();
    let entries = || fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let segment =
        entries().into_iter().find(|path| path.extension().is_some_and(|end| end == "segment")).unwrap();
    let closed = journal.join("00009999.segment");
    fs::copy(&segment, &closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::metadata(&spool).unwrap().uid() == 0 {
        for path in [spool.clone(), journal.clone()].into_iter().chain(entries()) {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let (text, _) = run(as_somebody(&mut deliver(&server, &spool, &[]), folder.path()));
    assert!(text.contains("11 spans delivered"), "{text}");
    let name = format!("{}-00009999.unreadable", journal.file_name().unwrap().display());
    assert!(spool.join("set-aside").join(name).exists(), "{text}");
}
