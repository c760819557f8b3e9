//! Runs and spans in files of JSON Lines.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
use super::json_lines::{self, RunLine, SpanLine};
use super::record::{SpanRecord, TraceId, TraceRecord};

const DEFAULT_MAX_BYTES: u64 = 64 << 20;
const DEFAULT_MAX_FILES: usize = 8;
/// Runs whose line is known to be in the file. With more at a time, the oldest get theirs once more.
const MAX_RUNS: usize = 10_000;

/// Writes runs and spans that have ended into a file, one JSON object a line, in the format of `docs/json-lines.md`, which
/// `prefactor-local import` reads.
///
/// The file is appended to; folders on its path that are missing are made. Once it has [`max_bytes`](FileExporter::max_bytes), it becomes `NAME.1`, the old `NAME.1` becomes
/// `NAME.2`, and so on up to [`max_files`](FileExporter::max_files). Lines that cannot be written, because the disk is full, are kept and
/// written later, within the bounds of the queue. Each batch is one write; nothing is synced, so that a crash of the machine
/// may cost the last of them, and a crash of the program does not.
///
/// # Examples
///
/// ```no_run
/// use prefactor::Client;
/// use prefactor::export::FileExporter;
///
/// let file = FileExporter::new("spans.jsonl").max_bytes(10 << 20).max_files(4);
/// let _prefactor = Client::builder().file(file).install()?;
/// # Ok::<(), prefactor::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "give it to ClientBuilder::file"]
pub struct FileExporter {
    path: PathBuf,
    max_bytes: u64,
    max_files: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<(File, u64)>,
    /// Runs that have a line in this file.
    runs: Vec<TraceId>,
}

impl FileExporter {
    /// One that appends to a file, which is made when there is something to write.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            max_bytes: DEFAULT_MAX_BYTES,
            max_files: DEFAULT_MAX_FILES,
            state: Mutex::default(),
        }
    }

    /// How large a file may become, in bytes. Default: 64 MiB. A batch that is larger is a file of its own.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How many files there are at most, at least one. Default: 8. The oldest is deleted for a new one.
    pub fn max_files(mut self, files: usize) -> Self {
        self.max_files = files.max(1);
        self
    }

    fn write(&self, batch: &Batch) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        let mut new_runs = run_and_span_lines(&state.runs, batch, &mut lines);
        if lines.is_empty() {
            return Ok(());
        }
        let size = self.size(&mut state)?;
        if size > 0 && size + lines.len() as u64 > self.max_bytes {
            self.rotate(&mut state)?;
            // A reader may have only the new file, so the file repeats the runs of its spans.
            lines.clear();
            new_runs = run_and_span_lines(&state.runs, batch, &mut lines);
        }
        self.size(&mut state)?;
        let Some((file, size)) = &mut state.file else { return Ok(()) };
        if let Err(error) = file.write_all(&lines) {
            let _ = file.set_len(*size);
            state.file = None;
            return Err(error);
        }
        *size += lines.len() as u64;
        state.runs.extend(new_runs);
        let too_many = state.runs.len().saturating_sub(MAX_RUNS);
        state.runs.drain(..too_many);
        state.runs.retain(|run| !batch.ended_traces().iter().any(|trace| trace.trace_id == *run));
        Ok(())
    }

    /// Opens the file where it is not open, and says how large it is.
    fn size(&self, state: &mut State) -> io::Result<u64> {
        let is_there = self.path.exists();
        if let Some((_, size)) = state.file.as_ref().filter(|_| is_there) {
            return Ok(*size);
        }
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let size = file.metadata()?.len();
        state.runs.clear();
        state.file = Some((file, size));
        Ok(size)
    }

    fn rotate(&self, state: &mut State) -> io::Result<()> {
        *state = State::default();
        let numbered = |number: usize| numbered(&self.path, number);
        if self.max_files == 1 {
            return fs::remove_file(&self.path);
        }
        for number in (1..self.max_files - 1).rev() {
            let (from, to) = (numbered(number), numbered(number + 1));
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        fs::rename(&self.path, numbered(1))
    }
}

impl<P: Into<PathBuf>> From<P> for FileExporter {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

impl SpanExporter for FileExporter {
    fn name(&self) -> &'static str {
        "file"
    }

    fn batching(&self) -> Batching {
        Batching::default().delay(Duration::from_millis(100)).max_in_flight(1)
    }

    fn export(&self, batch: Batch) -> ExportFuture<'_> {
        Box::pin(async move {
            match self.write(&batch) {
                Ok(()) => ExportOutcome::accepted(),
                // Leaves out the path, which may contain a user's name.
                Err(error) => {
                    let (kind, cure) = (
                        error.kind(),
                        "set PREFACTOR_FILE, or FileExporter::new, to a file that this program may write",
                    );
                    ExportOutcome::retry(None, format!("the file cannot be written ({kind}): {cure}"))
                }
            }
        })
    }
}

/// Writes the lines of a batch. Returns the runs whose first line is among them.
fn run_and_span_lines(known: &[TraceId], batch: &Batch, out: &mut Vec<u8>) -> Vec<TraceId> {
    let mut new = Vec::new();
    for span in batch.spans() {
        let run = span.trace.trace_id;
        if !known.contains(&run) && !new.contains(&run) {
            new.push(run);
            run_line(&span.trace, out);
        }
        span_line(span, out);
    }
    for trace in batch.ended_traces() {
        run_line(trace, out);
    }
    new
}

fn run_line(trace: &TraceRecord, out: &mut Vec<u8>) {
    let (id, agent) = (trace.id.text(), &trace.agent);
    let mut agent_version = br#"{"name":"#.to_vec();
    json_lines::text(agent.name(), &mut agent_version);
    agent_version.extend_from_slice(br#","external_identifier":"#);
    json_lines::text(agent.version(), &mut agent_version);
    agent_version.push(b'}');
    let line = RunLine {
        id: ascii(&id),
        agent: agent.name(),
        agent_id: None,
        agent_version: &agent_version,
        agent_schema_version: None,
        purpose: None,
        external_identifier: None,
        status: trace.status.map_or("active", |status| status.as_str()),
        started_at: trace.started_at.map(micros),
        finished_at: trace.ended_at.map(micros),
    };
    line.write(out);
}

fn span_line(span: &SpanRecord, out: &mut Vec<u8>) {
    let run = span.trace.id.text();
    let line = SpanLine {
        id: span.key.in_partition(PARTITION),
        run: ascii(&run),
        parent: span.parent_key.map(|parent| parent.in_partition(PARTITION)),
        schema_name: &span.schema_name,
        status: span.status.as_str(),
        payload: span.payload_json().as_bytes(),
        result: Some(span.result_json().as_bytes()),
        has_marks: false,
        started_at: Some(micros(span.started_at)),
        finished_at: span.ended_at.map(micros),
    };
    line.write(out);
}

/// Ids in a file are of no account: a program may have none.
const PARTITION: u32 = 0;

fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

fn micros(time: SystemTime) -> u64 {
    let micros = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    u64::try_from(micros).unwrap_or(u64::MAX)
}
