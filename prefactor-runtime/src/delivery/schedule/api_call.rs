//! One call of the API, with its attempts.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use crate::delivery::policy::capability::Capability;
use crate::delivery::policy::decision::{Kind, Word};
use crate::operation::SpanKey;
use crate::types::pfid::Pfid;
use crate::wire::{EncodedCall, IdempotencyKey};

/// How long a call that failed alone lets others go first. An outage of one path that lasts for seconds is no fault of a call.
pub(crate) const BETWEEN_FAULTS: Duration = Duration::from_secs(1);

/// Which call it is, within its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ApiCall {
    Register,
    Start,
    CreateSpan(SpanKey),
    FinishSpan(SpanKey),
    Finish,
    /// Says something of the run, by its number.
    Note(u64),
    /// Asks whether the instance was terminated, where no other answer has told for a while.
    Poll,
}

/// The tries of one call. Without any it takes one word: calls that wait for a server that is down are many.
#[derive(Debug, Default)]
pub(crate) struct Attempt(Option<Box<AttemptState>>);

/// Facts about the tries of a call, from its encoding on.
#[derive(Debug)]
pub(crate) struct AttemptState {
    /// Fixed by the first try: every repeat sends the same bytes under the same key.
    pub(crate) message: Option<EncodedCall>,
    /// Grows when the same thing has to be said in other words, which need a key of their own.
    version: u32,
    /// The version of which is on disk how it was said.
    noted: Option<u32>,
    pub(crate) tries: u32,
    /// The last error that it got in a request of its own.
    refused_as: Option<Word>,
    /// Tries that got an error which was not confirmed.
    refusals: u32,
    /// Faults that it met alone, with other requests accepted between them.
    faults: u32,
    /// How many requests were accepted by the last fault, to tell a poisoned item from a broken server.
    accepted: u64,
    faulted_at: Option<Instant>,
    /// Whether it has to go in a request of its own, to tell what the API does not like.
    pub(crate) is_alone: bool,
    /// Whether the server may have applied a try that got no answer of the API.
    pub(crate) may_have_arrived: bool,
    /// The request that it is in.
    pub(crate) flight: Option<u64>,
}

/// How an error of the API compares with what the same bytes got before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    First,
    Confirmed,
    Other,
}

impl ApiCall {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Register => Kind::Register,
            Self::Start => Kind::Start,
            Self::CreateSpan(_) => Kind::CreateSpan,
            Self::FinishSpan(_) => Kind::FinishSpan,
            Self::Finish => Kind::Finish,
            Self::Note(_) => Kind::Note,
            Self::Poll => Kind::Poll,
        }
    }

    /// Whether it can be an item of a bulk request.
    pub(crate) fn is_span(self) -> bool {
        matches!(self, Self::CreateSpan(_) | Self::FinishSpan(_))
    }

    /// The capability that the call needs as a bulk item.
    pub(crate) fn in_bulk(self) -> Capability {
        if matches!(self, Self::FinishSpan(_)) { Capability::BulkFinish } else { Capability::BulkCreate }
    }
}

impl AttemptState {
    const NONE: Self = Self {
        message: None,
        version: 0,
        noted: None,
        tries: 0,
        refused_as: None,
        refusals: 0,
        faults: 0,
        accepted: 0,
        faulted_at: None,
        is_alone: false,
        may_have_arrived: false,
        flight: None,
    };
}

impl Deref for Attempt {
    type Target = AttemptState;

    fn deref(&self) -> &AttemptState {
        static NONE: AttemptState = AttemptState::NONE;
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Attempt {
    fn deref_mut(&mut self) -> &mut AttemptState {
        self.0.get_or_insert_with(|| Box::new(AttemptState::NONE))
    }
}

impl Attempt {
    /// Forgets everything but the room for it.
    pub(crate) fn clear(&mut self) {
        if let Some(tries) = &mut self.0 {
            **tries = AttemptState::NONE;
        }
    }

    /// Whether nothing of it was ever said, and nothing is known of how to say it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.0.as_ref().is_none_or(|tries| {
            let is_new = tries.version == 0 && tries.noted.is_none() && tries.tries == 0 && tries.faults == 0;
            is_new
                && tries.message.is_none()
                && !tries.is_alone
                && !tries.may_have_arrived
                && tries.flight.is_none()
        })
    }

    /// The idempotency key of what is said now.
    pub(crate) fn key(&self, of: Pfid, what: &'static str) -> IdempotencyKey {
        IdempotencyKey { of, what, version: self.version }
    }

    /// The version that is said now, if it is not noted yet. It counts as noted from here on.
    pub(crate) fn note(&mut self) -> Option<u32> {
        let tries = &mut **self;
        (tries.noted.replace(tries.version) != Some(tries.version)).then_some(tries.version)
    }

    /// Goes on where another process was: this version was sent there.
    #[cfg(feature = "spool")]
    pub(crate) fn resume(&mut self, version: u32) {
        let tries = &mut **self;
        (tries.version, tries.noted, tries.tries) = (version, Some(version), 1);
        tries.may_have_arrived = true;
    }

    /// Says it anew. What has not been sent may keep its key.
    pub(crate) fn reencode(&mut self) {
        if let Some(tries) = &mut self.0 {
            if tries.message.take().is_some() && tries.tries > 0 {
                tries.version += 1;
            }
            tries.refused_as = None;
        }
    }

    /// Encodes it anew for a server that does not know what was sent before.
    pub(crate) fn reencode_always(&mut self) {
        self.reencode();
        let version = self.version;
        *self = Self((version > 0).then(|| Box::new(AttemptState { version, ..AttemptState::NONE })));
    }

    /// Counts a fault that the call met alone, and returns how many there are. Faults in a row count once where no other
    /// request was accepted between them: they are the server's. So do faults within [`BETWEEN_FAULTS`].
    pub(crate) fn fault(&mut self, accepted: u64, now: Instant) -> u32 {
        let tries = &mut **self;
        let is_soon = tries.faulted_at.is_some_and(|at| now.duration_since(at) < BETWEEN_FAULTS);
        if tries.faults == 0 || accepted > tries.accepted && !is_soon {
            tries.faults += 1;
            (tries.accepted, tries.faulted_at) = (accepted, Some(now));
        }
        tries.faults
    }

    /// Takes note of an error of the API.
    pub(crate) fn refused(&mut self, word: Word) -> Refusal {
        let tries = &mut **self;
        let before = tries.refused_as.replace(word);
        if before == Some(word) {
            return Refusal::Confirmed;
        }
        tries.refusals += 1;
        if before.is_none() { Refusal::First } else { Refusal::Other }
    }

    /// Whether it was sent before the try that got its answer now, not counting those that got an error.
    pub(crate) fn is_repeat(&self) -> bool {
        self.tries > self.refusals + 1
    }

    /// Whether the server may have applied it without having said so.
    pub(crate) fn may_be_on_server(&self) -> bool {
        self.flight.is_some() || self.may_have_arrived
    }

    /// Whether it goes in a request of its own.
    pub(crate) fn goes_alone(&self) -> bool {
        self.is_alone || self.faults > 0 || self.refused_as.is_some()
    }
}
