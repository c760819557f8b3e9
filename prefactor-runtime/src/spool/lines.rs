//! Writes the contents of a journal as lines of `docs/json-lines.md`, without changing anything on disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use crate::export::json_lines::{RunLine, SpanLine};
use crate::operation::{Operation, SpanFinish, SpanKey, SpanStart};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::spool::contents::Contents;
use crate::spool::index::{Index, run_of};
use crate::spool::lock::Lock;
use crate::spool::sensitive;
use crate::types::status::SpanStatus;

/// How much is held back before it is written.
const BUFFER: usize = 64 << 10;

/// The result of an export.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exported {
    /// Lines of runs.
    pub runs: u64,
    /// Lines of spans.
    pub spans: u64,
    /// Spans of which the start is not there any more, since the server has it: they have no line.
    pub without_start: u64,
}

/// Writes the runs and spans of a journal that wait for delivery, and tells after each how many spans those were. What ended with
/// its process is ended here as whoever delivers it does.
///
/// # Errors
///
/// When the journal cannot be read or `out` cannot be written.
pub fn export(journal: &Path, out: &mut dyn Write, progress: &mut dyn FnMut(u64)) -> io::Result<Exported> {
    // Takes the lock if it is free, so that no process delivers and deletes the journal during the export.
    let lock = Lock::try_take(journal);
    let is_held = matches!(lock, Ok(None));
    let mut contents = Contents::read(journal)?;
    let mut ends = HashMap::new();
    if !is_held {
        for end in contents.index.ends() {
            contents.index.operation(&end, 0);
            if let Operation::FinishSpan(end) = end {
                ends.insert(end.key, end);
            }
        }
    }
    let mut lines = Lines::new(&contents.index, out, progress);
    let mut starts = BTreeMap::<_, (SpanStart, bool)>::new();
    contents.each_operation(journal, |operation, waits| {
        if waits {
            lines.run(run_of(&operation))?;
        }
        match operation {
            Operation::StartSpan(start) => {
                starts.insert(start.key, (start, waits));
            }
            Operation::FinishSpan(finish) if finish.status == SpanStatus::Active => {
                if let Some((_, is_left)) = starts.get_mut(&finish.key) {
                    *is_left |= waits;
                }
            }
            Operation::FinishSpan(finish) => match starts.remove(&finish.key) {
                Some((start, is_left)) if is_left || waits => lines.span(&start, Some(&finish))?,
                None if waits => lines.exported.without_start += 1,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    })?;
    for (key, (start, waits)) in starts {
        match ends.remove(&key) {
            Some(end) => lines.span(&start, Some(&end))?,
            None if waits => lines.span(&start, None)?,
            None => {}
        }
    }
    lines.exported.without_start += ends.len() as u64;
    for run in contents.index.runs.keys() {
        if !is_held && contents.index.is_deliverable(*run) {
            lines.run(*run)?;
        }
    }
    lines.end()
}

/// The lines on their way out.
struct Lines<'a> {
    index: &'a Index,
    partition: u32,
    refused: HashSet<SpanKey>,
    /// The ids of runs that have a line.
    runs: BTreeMap<u64, String>,
    buffer: Vec<u8>,
    out: &'a mut dyn Write,
    progress: &'a mut dyn FnMut(u64),
    exported: Exported,
}

impl<'a> Lines<'a> {
    fn new(index: &'a Index, out: &'a mut dyn Write, progress: &'a mut dyn FnMut(u64)) -> Self {
        let refused = index.runs.values().flat_map(|run| &run.refused).map(|(key, _)| *key).collect();
        Self {
            index,
            partition: index.partition().unwrap_or(0),
            refused,
            runs: BTreeMap::new(),
            buffer: Vec::new(),
            out,
            progress,
            exported: Exported::default(),
        }
    }

    /// Writes the line of a run, unless it is written.
    fn run(&mut self, number: u64) -> io::Result<()> {
        let Some(run) = self.index.runs.get(&number).filter(|_| !self.runs.contains_key(&number)) else {
            return Ok(());
        };
        let id = run.api_id.clone().or_else(|| Some(run.nonce()?.to_string())).unwrap_or_default();
        let said: Value = serde_json::from_slice(&run.registration).unwrap_or_default();
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        let version = &said["agent_version"];
        let version_json = version.to_string();
        let schema = said.get("agent_schema_version").map(|schema| schema.to_string().into_bytes());
        let (status, finished_at) = match run.finish {
            Some((status, at)) => (status.as_str(), Some(at)),
            None => ("active", None),
        };
        let line = RunLine {
            id: &id,
            agent: version["name"].as_str().unwrap_or_default(),
            agent_id: text("agent_id"),
            agent_version: version_json.as_bytes(),
            agent_schema_version: schema.as_deref(),
            purpose: text("purpose"),
            external_identifier: text("external_identifier"),
            status,
            started_at: run.began_at().map(Timestamp::unix_micros),
            finished_at: finished_at.map(Timestamp::unix_micros),
        };
        line.write(&mut self.buffer);
        self.runs.insert(number, id);
        self.exported.runs += 1;
        self.flush(BUFFER)
    }

    fn span(&mut self, start: &SpanStart, finish: Option<&SpanFinish>) -> io::Result<()> {
        if self.refused.contains(&start.key) {
            return Ok(());
        }
        self.run(start.instance.0)?;
        let (mut payload, mut result) = (Vec::new(), Vec::new());
        put(&start.payload, &mut payload);
        let with_result = finish.filter(|finish| !finish.result.is_empty());
        if let Some(finish) = with_result {
            put(&finish.result, &mut result);
        }
        let has_marks = start.payload.rendered_has_marks()
            || finish.is_some_and(|finish| finish.result.rendered_has_marks());
        let line = SpanLine {
            id: start.key.in_partition(self.partition),
            run: self.runs.get(&start.instance.0).map(String::as_str).unwrap_or_default(),
            parent: start.parent.map(|parent| parent.in_partition(self.partition)),
            schema_name: &start.schema_name,
            status: finish.map_or(start.status, |finish| finish.status).as_str(),
            payload: &payload,
            result: with_result.map(|_| result.as_slice()),
            has_marks,
            started_at: Some(start.at.unix_micros()),
            finished_at: finish.map(|finish| finish.at.unix_micros()),
        };
        line.write(&mut self.buffer);
        self.exported.spans += 1;
        (self.progress)(self.exported.spans);
        self.flush(BUFFER)
    }

    fn flush(&mut self, more_than: usize) -> io::Result<()> {
        if self.buffer.len() > more_than {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<Exported> {
        self.flush(0)?;
        Ok(self.exported)
    }
}

/// Appends the JSON of a payload, without sensitive values.
fn put(payload: &Payload, out: &mut Vec<u8>) {
    let json = payload.rendered_json();
    if json.is_empty() {
        out.extend_from_slice(b"{}");
    } else if payload.rendered_has_marks() {
        sensitive::hide(json, out);
    } else {
        out.extend_from_slice(json);
    }
}
