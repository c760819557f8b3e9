//! Limits of capture: how much of a value is recorded.

/// Characters of one text, as in the platform's other SDKs.
pub(crate) const DEFAULT_MAX_LENGTH: usize = 10_000;

/// Characters of an argument that is shown by its `Debug` because it has no `Serialize`: most are handles, which say little.
pub(crate) const DEFAULT_MAX_DEBUG_LENGTH: usize = 1_024;

/// The least limit of a text that is kept by head and tail. Below it the mark stands behind the head, beyond the limit.
pub(super) const MIN_SPLIT: usize = 64;

/// Bytes of the longest text whose characters are counted when it is cut: the caller waits for it.
pub(super) const MAX_COUNTED: usize = 256 << 10;

/// Numbers that one payload keeps in lists of nothing but numbers, such as embeddings.
pub(crate) const DEFAULT_MAX_NUMBERS: usize = 4_096;

/// Numbers that every list keeps, however many others there are in the payload.
pub(super) const MIN_NUMBERS: usize = 16;

/// Bytes of one payload, on the tape and as JSON.
pub(super) const MAX_PAYLOAD: usize = 512 << 10;

/// Objects and lists around a value.
pub(super) const MAX_DEPTH: u8 = 32;

/// `Some` and newtypes around a value, all in all: they leave nothing on the tape, and the stack is finite.
pub(super) const MAX_WRAPPERS: u8 = 64;

/// Members of one object.
pub(super) const MAX_KEYS: usize = 1_000;

/// Elements of one list.
pub(super) const MAX_ELEMENTS: usize = 10_000;

/// Characters of one key.
pub(super) const MAX_KEY_LENGTH: usize = 256;

/// Bytes of stack that a `Debug` or `Display` may use: how deep it goes cannot be seen in any other way.
pub(super) const MAX_STACK: usize = 128 << 10;

/// The room that every value finds: any number, and the head of any text.
pub(super) const MIN_ROOM: usize = 64;

/// The room that is reserved in a payload for the ends of all open values when it is full.
pub(super) const RESERVED: usize = 2 << 10;

/// The limits of captured arguments and results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CaptureLimits {
    /// Arguments, fields and payloads.
    pub(crate) inputs: SideLimits,
    /// Results and errors.
    pub(crate) outputs: SideLimits,
}

impl CaptureLimits {
    pub(crate) const NOTHING: Self = {
        let side = SideLimits { is_captured: false, max_length: 0, max_debug_length: 0, max_numbers: 0 };
        Self { inputs: side, outputs: side }
    };
}

/// One half of the [`CaptureLimits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SideLimits {
    /// Whether values are captured at all.
    pub(crate) is_captured: bool,
    /// Characters of one text.
    pub(crate) max_length: usize,
    /// Characters of a text for which the compiler chose `Debug`.
    pub(crate) max_debug_length: usize,
    /// Numbers in lists of numbers, of one payload.
    pub(crate) max_numbers: usize,
}

impl SideLimits {
    pub(super) const DEFAULT: Self = Self {
        is_captured: true,
        max_length: DEFAULT_MAX_LENGTH,
        max_debug_length: DEFAULT_MAX_DEBUG_LENGTH,
        max_numbers: DEFAULT_MAX_NUMBERS,
    };
}

impl Default for SideLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How far one value may go: it leaves an eighth of the room to the siblings after it.
pub(super) fn nested_limit(position: usize, limit: usize) -> usize {
    limit - limit.saturating_sub(position) / 8
}
