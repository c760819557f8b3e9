//! `export` and `import`: runs as JSON Lines.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use serde_json::{Value, json};

use super::{
    Error,
    arguments::Options,
    output::{escaped, say, say_json},
    progress::Progress,
    remote::{Remote, segment},
};

/// Bytes of lines in one request. The server takes 8 MiB.
const PIECE: usize = 4 << 20;

/// The file of an export, and its progress.
struct Export {
    out: Box<dyn Write>,
    progress: Progress,
    runs: u64,
    /// The number of spans when the export began.
    all_runs: u64,
    spans: usize,
}

/// Writes one run, or all of them, oldest first.
pub(super) fn export(remote: &Remote, run: Option<&str>, options: &Options) -> Result<(), Error> {
    let (out, progress): (Box<dyn Write>, _) = match &options.output {
        Some(file) => {
            let opened = File::create(file).map_err(|error| {
                format!("cannot write {}: {error}; name a file in a folder that exists", file.display())
            })?;
            (Box::new(BufWriter::new(opened)), Progress::new())
        }
        None => (Box::new(io::stdout().lock()), Progress::beside_output()),
    };
    let mut export = Export { out, progress, runs: 0, all_runs: 1, spans: 0 };
    match run {
        Some(run) => export.run(remote, segment(run)?)?,
        None => {
            let mut offset = Some(0);
            while let Some(from) = offset {
                let path =
                    format!("/api/v1/agent_instance?pagination[page_size]=100&pagination[offset]={from}");
                let page = remote.get(&path)?;
                export.all_runs = page["pagination"]["item_count"].as_u64().unwrap_or_default();
                for run in page["summaries"].as_array().into_iter().flatten() {
                    let run = run["id"].as_str().ok_or("the server named a run without an identifier")?;
                    export.run(remote, segment(run)?)?;
                }
                offset = page["pagination"]["next_page_offset"].as_u64();
            }
        }
    }
    let Export { mut out, progress, runs, spans, .. } = export;
    out.flush()?;
    drop((out, progress));
    match &options.output {
        Some(file) if options.json => say_json(&json!({"runs": runs, "spans": spans, "file": file})),
        Some(file) => say(format!("Exported {runs} runs and {spans} spans to {}.", file.display())),
        None => Ok(()),
    }
}

impl Export {
    fn run(&mut self, remote: &Remote, run: &str) -> Result<(), Error> {
        self.write(&remote.lines(&format!("/local/runs/{run}"))?.text)?;
        self.runs += 1;
        let mut after = Some(0);
        while let Some(number) = after {
            let lines = remote.lines(&format!("/local/spans?run={run}&after={number}"))?;
            self.write(&lines.text)?;
            self.spans += lines.text.lines().count();
            let Self { progress, runs, all_runs, spans, .. } = self;
            progress.draw(|| format!("exported {runs} of {all_runs} runs, {spans} spans"));
            after = lines.next;
        }
        Ok(())
    }

    fn write(&mut self, lines: &str) -> Result<(), Error> {
        match self.out.write_all(escaped(lines).as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => Ok(written?),
        }
    }
}

/// Sends the lines of a file, or of standard input, in parts of whole lines.
pub(super) fn import(remote: &Remote, file: Option<&Path>, options: &Options) -> Result<(), Error> {
    let (input, size): (Box<dyn BufRead>, _) = match file {
        Some(file) => {
            let opened =
                File::open(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            let size = opened.metadata().ok().map(|metadata| metadata.len());
            (Box::new(BufReader::new(opened)), size)
        }
        None => (Box::new(io::stdin().lock()), None),
    };
    let of = size.map(|size| format!(" of {}", mib(size))).unwrap_or_default();
    let (mut piece, mut first, mut number, mut bytes) = (String::new(), 1, 0, 0);
    let mut totals = json!({"runs": 0, "spans": 0, "known": 0, "skipped": 0});
    let mut progress = Progress::new();
    progress.draw(|| format!("imported {}{of}", mib(0)));
    for line in input.lines() {
        let line = line?;
        number += 1;
        if !piece.is_empty() && piece.len() + line.len() > PIECE {
            send(remote, &piece, first, &mut totals)?;
            bytes += piece.len() as u64;
            progress.draw(|| format!("imported {}{of}", mib(bytes)));
            (piece, first) = (String::new(), number);
        }
        piece.push_str(&line);
        piece.push('\n');
    }
    send(remote, &piece, first, &mut totals)?;
    drop(progress);
    if options.json {
        return say_json(&totals);
    }
    say(format!(
        "Imported {} runs and {} spans; {} were here already, {} lines were of other types.",
        totals["runs"], totals["spans"], totals["known"], totals["skipped"]
    ))
}

fn send(remote: &Remote, piece: &str, first: usize, totals: &mut Value) -> Result<(), Error> {
    let answer = remote.post("/local/import", piece);
    let answer = answer.map_err(|error| format!("of the lines from {first} on: {error}"))?;
    if let Some(totals) = totals.as_object_mut() {
        for (name, total) in totals {
            *total = json!(total.as_u64().unwrap_or(0) + answer["details"][name].as_u64().unwrap_or(0));
        }
    }
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20)
}
