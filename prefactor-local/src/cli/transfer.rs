//! `export` and `import`: runs as JSON Lines.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write},
    path::Path,
};

use serde_json::{Value, json};

use super::{
    Error,
    arguments::Options,
    output::{escaped, say, say_json},
    remote::{Remote, segment},
};

/// Bytes of lines that are sent in one request; the server takes 8 MiB.
const PIECE: usize = 4 << 20;

/// Writes one run, or all of them, oldest first.
pub(super) fn export(remote: &Remote, run: Option<&str>, options: &Options) -> Result<(), Error> {
    let mut out: Box<dyn Write> = match &options.output {
        Some(file) => Box::new(BufWriter::new(File::create(file).map_err(|error| {
            format!("cannot write {}: {error}; name a file in a folder that exists", file.display())
        })?)),
        None => Box::new(io::stdout().lock()),
    };
    let mut progress = Progress::new("exported");
    match run {
        Some(run) => export_run(remote, segment(run)?, &mut out, &mut progress)?,
        None => {
            let mut offset = Some(0);
            while let Some(from) = offset {
                let path =
                    format!("/api/v1/agent_instance?pagination[page_size]=100&pagination[offset]={from}");
                let page = remote.get(&path)?;
                for run in page["summaries"].as_array().into_iter().flatten() {
                    let run = run["id"].as_str().ok_or("the server named a run without an identifier")?;
                    export_run(remote, segment(run)?, &mut out, &mut progress)?;
                }
                offset = page["pagination"]["next_page_offset"].as_u64();
            }
        }
    }
    out.flush()?;
    progress.end();
    Ok(())
}

fn export_run(remote: &Remote, run: &str, out: &mut dyn Write, progress: &mut Progress) -> Result<(), Error> {
    write(out, &remote.lines(&format!("/local/runs/{run}"))?.text)?;
    let mut after = Some(0);
    while let Some(number) = after {
        let lines = remote.lines(&format!("/local/spans?run={run}&after={number}"))?;
        write(out, &lines.text)?;
        progress.add(lines.text.lines().count());
        after = lines.next;
    }
    Ok(())
}

fn write(out: &mut dyn Write, lines: &str) -> Result<(), Error> {
    match out.write_all(escaped(lines).as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

/// Sends the lines of a file, or of standard input, in pieces of whole lines.
pub(super) fn import(remote: &Remote, file: Option<&Path>, options: &Options) -> Result<(), Error> {
    let input: Box<dyn BufRead> = match file {
        Some(file) => {
            let opened = File::open(file);
            Box::new(BufReader::new(
                opened.map_err(|error| format!("cannot read {}: {error}", file.display()))?,
            ))
        }
        None => Box::new(io::stdin().lock()),
    };
    let (mut piece, mut first, mut number) = (String::new(), 1, 0);
    let mut totals = json!({"runs": 0, "spans": 0, "known": 0, "skipped": 0});
    let mut progress = Progress::new("imported");
    for line in input.lines() {
        let line = line?;
        number += 1;
        if !piece.is_empty() && piece.len() + line.len() > PIECE {
            send(remote, &piece, first, &mut totals, &mut progress)?;
            (piece, first) = (String::new(), number);
        }
        piece.push_str(&line);
        piece.push('\n');
    }
    send(remote, &piece, first, &mut totals, &mut progress)?;
    progress.end();
    if options.json {
        return say_json(&totals);
    }
    say(format!(
        "Imported {} runs and {} spans; {} were here already, {} lines were of other types.",
        totals["runs"], totals["spans"], totals["known"], totals["skipped"]
    ))
}

fn send(
    remote: &Remote,
    piece: &str,
    first: usize,
    totals: &mut Value,
    progress: &mut Progress,
) -> Result<(), Error> {
    let answer = remote.post("/local/import", piece);
    let answer = answer.map_err(|error| format!("of the lines from {first} on: {error}"))?;
    if let Some(totals) = totals.as_object_mut() {
        for (name, total) in totals {
            *total = json!(total.as_u64().unwrap_or(0) + answer["details"][name].as_u64().unwrap_or(0));
        }
    }
    progress.add(piece.lines().count());
    Ok(())
}

/// A count on a line of the terminal; nothing where standard error is not one.
struct Progress {
    what: &'static str,
    lines: usize,
    is_shown: bool,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Self { what, lines: 0, is_shown: io::stderr().is_terminal() }
    }

    fn add(&mut self, lines: usize) {
        self.lines += lines;
        if self.is_shown {
            let _ = write!(io::stderr(), "\r{} {} lines", self.what, self.lines);
        }
    }

    fn end(&self) {
        if self.is_shown {
            let _ = writeln!(io::stderr());
        }
    }
}
