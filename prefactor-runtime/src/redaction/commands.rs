//! Passwords on command lines, after options that say so only together with the program: `curl -u`, `mysql -p`.

use std::ops::Range;

use super::looks;
use super::pairs::{floor, quoted};
use super::scan::{Scan, is_blank};

/// Bytes of a line in which the options of a program are looked for.
const MAX_LINE: usize = 200;

/// Programs whose `-u` takes a user and a password.
const CLIENTS: [&str; 5] = ["curl", "wget", "http", "xh ", "lftp"];

/// The text to hide after that option or program.
pub(super) fn value(scan: Scan<'_>, found: Range<usize>) -> Option<Range<usize>> {
    let word = scan.text.get(found.clone())?.to_ascii_lowercase();
    match &*word {
        "-u " | "--user" => user(scan, found),
        "identified by" => quoted(scan, scan.run(found.end, 3, is_blank)),
        "sshpass" => password_option(scan, found.end, true),
        _ => password_option(scan, found.end, false),
    }
}

/// `-u name:password`. A user and a group of the system stand there as well.
fn user(scan: Scan<'_>, found: Range<usize>) -> Option<Range<usize>> {
    let is_option = found.start == 0
        || scan.byte(found.start - 1).is_some_and(|byte| is_blank(byte) || b"\"'".contains(&byte));
    is_option.then_some(())?;
    let is_in = |byte: u8| !byte.is_ascii_whitespace() && !b"\"'\\`".contains(&byte);
    let start = scan.run(found.end, 8, |byte| is_blank(byte) || b"=\"'\\".contains(&byte));
    (start > found.end || scan.byte(found.end - 1) == Some(b' ')).then_some(())?;
    let end = scan.run(start, MAX_LINE, is_in);
    let (name, password) = scan.text.get(start..end)?.split_once(':')?;
    let line = scan.text.get(floor(scan.text, found.start.saturating_sub(MAX_LINE))..found.start)?;
    let is_client = CLIENTS
        .iter()
        .any(|client| line.rsplit(['\n', '|', ';']).next().is_some_and(|line| line.contains(client)));
    let is_password =
        is_client && !password.is_empty() && !password.starts_with('$') || looks::is_word_like_one(password);
    is_password.then(|| start + name.len() + 1..end)
}

/// `-ppassword`; after some programs `-p password` too.
fn password_option(scan: Scan<'_>, program: usize, is_apart: bool) -> Option<Range<usize>> {
    let end = floor(scan.text, scan.text.len().min(program + MAX_LINE));
    let line = scan.text.get(program..end)?.split(['\n', '|', ';']).next()?;
    let option = program + line.find(" -p")? + " -p".len();
    let is_next = is_blank(scan.byte(option)?);
    if is_next && !is_apart {
        // The program asks for the password, and the next word is the name of a database.
        return None;
    }
    let start = scan.run(option, 3, is_blank);
    quoted(scan, start).or_else(|| {
        let end = scan.run(start, MAX_LINE, |byte| !byte.is_ascii_whitespace() && !b"\"'\\`".contains(&byte));
        let is_reference = scan.byte(start) == Some(b'$');
        (end > start && !is_reference).then_some(start..end)
    })
}
