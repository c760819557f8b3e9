//! Notes about operations on disk, and the state of a run that is read back from there.

use crate::operation::{InstanceKey, SpanKey};
#[cfg(feature = "spool")]
use crate::platform::clock::Timestamp;

/// The place of an operation on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RecordId {
    /// Tells the journals that the process holds from each other: 0 is its own.
    pub(crate) journal: u32,
    pub(crate) number: u64,
}

/// How an operation was said when it was sent, where that does not follow from the operation: it is said so again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(crate) struct Sent {
    pub(crate) version: u32,
    /// A start with its finish in it.
    pub(crate) is_terminal: bool,
    /// A start without an id.
    pub(crate) has_server_id: bool,
    pub(crate) has_no_payload: bool,
    /// A finish that says `failed` for a span that was cancelled.
    pub(crate) stands_in_for_cancel: bool,
}

/// Facts that a later process needs to continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Registered { instance: InstanceKey, id: String },
    Sent { record: RecordId, sent: Sent },
    Refused { instance: InstanceKey, key: SpanKey, parent: Option<SpanKey> },
    Renamed { instance: InstanceKey, key: SpanKey, id: String },
}

/// The state of a run, so that earlier records of it can be deleted.
#[cfg(feature = "spool")]
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) instance: InstanceKey,
    /// The 32 characters that begin its idempotency keys.
    pub(crate) nonce: String,
    /// The body of its registration.
    pub(crate) registration: Vec<u8>,
    pub(crate) api_id: Option<String>,
    /// When it started, as far as its start is settled.
    pub(crate) started_at: Option<Timestamp>,
    /// When something last happened in it.
    pub(crate) last_at: Timestamp,
    pub(crate) is_finish_requested: bool,
    /// Spans that are accepted and not finished.
    pub(crate) open: Vec<SpanKey>,
    pub(crate) refused: Vec<(SpanKey, Option<SpanKey>)>,
    pub(crate) renamed: Vec<(SpanKey, String)>,
}

impl InstanceKey {
    const ADOPTED: u64 = 1 << 63;

    /// The key of a run of another process.
    #[cfg(feature = "spool")]
    pub(crate) const fn adopted(journal: u32, number: u64) -> Self {
        Self(Self::ADOPTED | (journal as u64) << 32 | (number & 0xffff_ffff))
    }

    /// The journal that the run is from, 0 for this process, and its number there.
    pub(crate) const fn origin(self) -> (u32, u64) {
        if self.0 & Self::ADOPTED == 0 {
            return (0, self.0);
        }
        (((self.0 & !Self::ADOPTED) >> 32) as u32, self.0 & 0xffff_ffff)
    }
}
