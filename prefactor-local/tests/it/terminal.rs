//! Commands on a terminal, which is a pseudo-terminal here.

use std::{
    fs::{File, OpenOptions},
    io::Read,
    process::{Command, Stdio},
};

use prefactor_local::Server;
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use serde_json::json;

use crate::{
    client::{Client, span, start, start_with},
    commands::binary,
    folder::Folder,
};

const ERASE: &str = "\r\u{1b}[K";

/// A terminal: the end of the person, and the end that a command gets.
struct Terminal {
    person: File,
    command: File,
}

impl Terminal {
    #[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
    fn new(columns: u16) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        tcsetwinsize(&person, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let command = OpenOptions::new().read(true).write(true).open(name).unwrap();
        Self { person: person.into(), command }
    }

    #[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
    fn side(&self) -> Stdio {
        self.command.try_clone().unwrap().into()
    }

    /// Returns the output of the command, once it has ended.
    fn shown(self, command: Command) -> String {
        drop((self.command, command));
        let (mut person, mut shown) = (self.person, Vec::new());
        let _ = person.read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

fn ask(client: &Client, arguments: &[&str]) -> Command {
    let mut command = binary(arguments);
    command.args(["--url", client.server.url(), "--token", client.server.token()]).env_remove("COLUMNS");
    command
}

#[test]
fn progress_is_drawn_on_a_terminal_and_erased_at_the_end() {
    let folder = Folder::new("progress");
    let (file, lines) = (folder.file("runs.db"), folder.file("runs.jsonl"));
    let (path, output) = (file.to_str().unwrap(), lines.to_str().unwrap());
    let client = start_with(Server::builder().database(&file));
    let run = client.running();
    client.span(&run, "complete");
    let cases = [
        (vec!["export", "--output", output], "exported 1 of 1 runs, 1 spans"),
        (vec!["export"], "exported 1 of 1 runs, 1 spans"),
        (vec!["import", output], "imported 0.0 MiB of 0.0 MiB"),
        (vec!["show", &run], "read 1 of 1 spans"),
        (vec!["doctor", "--database", path], "checking "),
        (vec!["runs", "--database", path], "opening "),
    ];
    for (arguments, text) in cases {
        let terminal = Terminal::new(200);
        let mut command =
            if arguments.contains(&"--database") { binary(&arguments) } else { ask(&client, &arguments) };
        command.stderr(terminal.side());
        let printed = command.output().unwrap().stdout;
        let shown = terminal.shown(command);
        assert!(shown.starts_with(&[ERASE, text].concat()), "{arguments:?}: {shown:?}");
        assert!(shown.ends_with(ERASE), "{arguments:?}: {shown:?}");
        assert!(!String::from_utf8(printed).unwrap().contains(text), "{arguments:?}");

        let mut command =
            if arguments.contains(&"--database") { binary(&arguments) } else { ask(&client, &arguments) };
        let elsewhere = command.output().unwrap();
        assert_eq!(String::from_utf8(elsewhere.stderr).unwrap(), "", "{arguments:?}: not on a terminal");
    }
}

#[test]
fn progress_is_not_drawn_into_lines_that_are_printed_to_the_same_terminal() {
    let client = start();
    let run = client.running();
    client.span(&run, "complete");
    let terminal = Terminal::new(200);
    let mut command = ask(&client, &["export"]);
    command.stderr(terminal.side()).stdout(terminal.side());
    assert!(command.status().unwrap().success());
    let shown = terminal.shown(command);
    assert!(shown.contains(&run) && !shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn progress_ends_before_an_error_is_told() {
    let folder = Folder::new("progress-error");
    let file = folder.file("bad.jsonl");
    std::fs::write(&file, "not JSON\n").unwrap();
    let client = start();
    let terminal = Terminal::new(200);
    let mut command = ask(&client, &["import", file.to_str().unwrap()]);
    command.stderr(terminal.side());
    assert!(!command.output().unwrap().status.success());
    let shown = terminal.shown(command);
    assert!(shown.contains(&[ERASE, "prefactor-local: of the lines"].concat()), "{shown:?}");
}

#[test]
fn tree_and_list_fit_the_width_of_their_terminal() {
    let client = start();
    let run = client.running();
    let mut parent = json!(null);
    for name in ["short", "日本語の長い名前を持つスパンが端末に収まる", "wörds ".repeat(40).as_str()]
    {
        let mut body = span(&run, "complete");
        body["details"]["parent_span_id"] = parent;
        body["details"]["payload"] = json!({ "name": name });
        parent = client.make("agent_spans", &body)["id"].clone();
    }
    for columns in [40, 57, 120] {
        for arguments in [vec!["show", &run], vec!["runs"]] {
            let terminal = Terminal::new(columns);
            let mut command = ask(&client, &arguments);
            command.stdout(terminal.side()).stderr(Stdio::null());
            assert!(command.status().unwrap().success());
            let shown = terminal.shown(command);
            let widths: Vec<_> = shown.lines().map(unicode_width::UnicodeWidthStr::width).collect();
            assert!(widths.iter().all(|width| *width <= usize::from(columns)), "{columns}: {shown}");
            if arguments[0] == "show" {
                assert!(widths[1..].iter().all(|width| *width == usize::from(columns)), "{columns}: {shown}");
                assert!(widths.len() == 4 && shown.contains('…'), "{columns}: {shown}");
            }
        }
    }
}
