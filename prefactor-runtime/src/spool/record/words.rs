//! The bytes that stand for statuses, and for kinds of notes.

use crate::operation::NoteKind;
use crate::types::alert::Severity;
use crate::types::status::{InstanceStatus, SpanStatus};

const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];
/// The byte of an alert of the first severity; the others follow.
const ALERT: u8 = 16;

/// The kind of a note, and its name or reason.
pub(super) fn of_note(kind: &NoteKind) -> (u8, &str) {
    match kind {
        NoteKind::Quality { name } => (0, name),
        NoteKind::QualityRemoved { name } => (1, name),
        NoteKind::AlertCleared { name } => (2, name),
        NoteKind::Terminate { reason } => (3, reason),
        NoteKind::AlertRaised { name, severity } => {
            let byte = (ALERT..).zip(SEVERITIES).find(|(_, known)| known == severity);
            (byte.map_or(ALERT, |(byte, _)| byte), name)
        }
    }
}

pub(super) fn note(what: u8, text: String) -> Option<NoteKind> {
    Some(match what {
        0 => NoteKind::Quality { name: text },
        1 => NoteKind::QualityRemoved { name: text },
        2 => NoteKind::AlertCleared { name: text },
        3 => NoteKind::Terminate { reason: text },
        _ => {
            let severity = *SEVERITIES.get(usize::from(what.checked_sub(ALERT)?))?;
            NoteKind::AlertRaised { name: text, severity }
        }
    })
}

const STATUSES: [SpanStatus; 5] = [
    SpanStatus::Pending,
    SpanStatus::Active,
    SpanStatus::Complete,
    SpanStatus::Failed,
    SpanStatus::Cancelled,
];

const RUN_STATUSES: [InstanceStatus; 3] =
    [InstanceStatus::Complete, InstanceStatus::Failed, InstanceStatus::Cancelled];

pub(super) fn of_status(status: SpanStatus) -> u8 {
    (0_u8..).zip(STATUSES).find(|(_, known)| *known == status).map_or(0, |(byte, _)| byte)
}

pub(super) fn status(byte: u8) -> Option<SpanStatus> {
    STATUSES.get(usize::from(byte)).copied()
}

pub(super) fn of_run_status(status: InstanceStatus) -> u8 {
    (0_u8..).zip(RUN_STATUSES).find(|(_, known)| *known == status).map_or(0, |(byte, _)| byte)
}

pub(super) fn run_status(byte: u8) -> Option<InstanceStatus> {
    RUN_STATUSES.get(usize::from(byte)).copied()
}
