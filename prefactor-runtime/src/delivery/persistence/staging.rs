//! Operations that are rendered for the disk and not yet with the core.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::delivery::core::machine::Core;
use crate::operation::stored::RecordId;
use crate::operation::{InstanceKey, Operation};
use crate::payload::byte_arena::ByteArena;
use crate::payload::{Redact, WithoutSensitive};
use crate::redaction::Redaction;
use crate::spool::writer::Writer;
use crate::types::stats::Counters;

pub(super) struct Staging {
    redaction: Redaction,
    counters: Arc<Counters>,
    /// On their way to disk, and to the core after that.
    staged: VecDeque<(Operation, usize, Option<RecordId>)>,
    /// Runs that are joined from other processes: what is in them is kept in memory alone.
    joined: HashSet<InstanceKey>,
    arena: ByteArena,
    /// When the first of them was taken on.
    began_at: Instant,
}

impl Staging {
    pub(super) fn new(redaction: Redaction, counters: Arc<Counters>) -> Self {
        Self {
            redaction,
            counters,
            staged: VecDeque::new(),
            joined: HashSet::new(),
            arena: ByteArena::default(),
            began_at: Instant::now(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    /// Takes on an operation that weighed so much in the queue.
    pub(super) fn push(&mut self, mut operation: Operation, weight: usize, writer: &mut Writer, core: &Core) {
        let record = self.stage(&mut operation, writer, core);
        self.staged.push_back((operation, weight, record));
    }

    /// Renders an operation, and adds it to what is written next.
    pub(super) fn stage(
        &mut self,
        operation: &mut Operation,
        writer: &mut Writer,
        core: &Core,
    ) -> Option<RecordId> {
        if self.staged.is_empty() {
            self.began_at = Instant::now();
        }
        let is_span = operation.is_span();
        let is_new = is_span || matches!(operation, Operation::Note(_));
        match operation {
            Operation::Register(run) if run.is_joined() => drop(self.joined.insert(run.key)),
            Operation::ReleaseInstance { instance, .. } if self.joined.remove(instance) => return None,
            _ => {}
        }
        let is_ready = !self.joined.contains(&operation.instance())
            && writer.is_ready(self.began_at, || core.snapshots())
            && (!is_new || !writer.is_full());
        if !is_ready {
            if is_span {
                self.counters.unspooled();
            }
            return None;
        }
        let (redact, arena): (&dyn Redact, _) = (&self.redaction, &mut self.arena);
        match operation {
            Operation::Register(run) => {
                let (nonce, body) = core.registration_of(run);
                return writer.append_registration(run, &nonce, &body);
            }
            Operation::StartSpan(start) => {
                if let Cow::Owned(name) = &mut start.schema_name {
                    *name = redact.shape(name, false).into_owned();
                }
            }
            Operation::Note(note) => {
                let text = note.kind.text_mut();
                *text = redact.shape(text, false).into_owned();
                let redact = WithoutSensitive(redact);
                return writer.append(operation, |out, payload| payload.render_as_sent(out, &redact, arena));
            }
            _ => {}
        }
        writer.append(operation, |out, payload| payload.render_as_sent(out, redact, arena))
    }

    /// Gives what was taken on to the core, and says whether it was written.
    pub(super) fn give(&mut self, is_written: bool, core: &mut Core) {
        let mut spans = 0;
        while let Some((operation, weight, record)) = self.staged.pop_front() {
            if record.is_some() && operation.is_span() {
                if is_written {
                    spans += 1;
                } else {
                    self.counters.unspooled();
                }
            }
            core.queued_operation(operation, weight, record.filter(|_| is_written));
        }
        self.counters.spooled(spans);
    }
}
