//! One record on disk: a head with a checksum, then the body.
//!
//! | bytes | meaning |
//! |---|---|
//! | 2 | [`MARK`], by which a reader finds the next record behind a damaged one |
//! | 1 | kind |
//! | 1 | zero |
//! | 4 | length of the body |
//! | 8 | number of the record in its journal |
//! | 4 | CRC-32 of the 14 bytes before it and the body |
//!
//! Numbers have their least byte first.

use std::ops::Range;

/// Bytes that no UTF-8 text holds, so that payloads are passed over quickly.
const MARK: [u8; 2] = [0xf5, 0xfe];
/// Bytes ahead of a body.
pub(crate) const HEAD: usize = 20;
/// Where in the head the checksum is.
const SUM: usize = 16;
/// Longer than the largest record: a payload and its result are each bounded by the capture.
pub(crate) const MAX_BODY: usize = 4 << 20;

/// Where a whole record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) number: u64,
    pub(crate) body: Range<usize>,
}

/// Appends a record whose body is written by `write`.
pub(crate) fn append(out: &mut Vec<u8>, kind: u8, number: u64, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.extend_from_slice(&[0; HEAD]);
    write(out);
    let Some(frame) = out.get_mut(begin..).filter(|frame| frame.len() >= HEAD) else { return };
    let length = u32::try_from(frame.len() - HEAD).unwrap_or(u32::MAX);
    let mut head = [0; HEAD];
    head[..2].copy_from_slice(&MARK);
    head[2] = kind;
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..SUM].copy_from_slice(&number.to_le_bytes());
    // What is summed stands in one piece for that long, which takes half the time of two.
    frame[HEAD - (SUM - MARK.len())..HEAD].copy_from_slice(&head[MARK.len()..SUM]);
    let sum = crc32fast::hash(&frame[HEAD - (SUM - MARK.len())..]);
    head[SUM..].copy_from_slice(&sum.to_le_bytes());
    frame[..HEAD].copy_from_slice(&head);
}

/// The record that begins there, if a whole one does.
pub(crate) fn read(bytes: &[u8], begin: usize) -> Option<Frame> {
    let (head, rest) = bytes.get(begin..)?.split_at_checked(HEAD)?;
    if head[..2] != MARK {
        return None;
    }
    let number =
        |range: Range<usize>| head[range].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let length = usize::try_from(number(4..8)).ok().filter(|length| *length <= MAX_BODY)?;
    let body = rest.get(..length)?;
    let is_whole = u64::from(checksum(&head[2..16], body)) == number(16..20);
    let begin = begin + HEAD;
    is_whole.then(|| Frame { kind: head[2], number: number(8..16), body: begin..begin + length })
}

/// Whether the head of a record with that number may be there, although the record is damaged: its mark or its number is whole.
pub(crate) fn may_begin(bytes: &[u8], at: usize, number: u64) -> bool {
    let Some(head) = bytes.get(at..).and_then(|rest| rest.get(..SUM)) else { return false };
    head[..2] == MARK || head[8..] == number.to_le_bytes()
}

/// Where a record may begin, from some place on.
pub(crate) fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(MARK.len()).position(|window| window == MARK).map(|at| from + at)
}

pub(crate) fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(head);
    sum.update(body);
    sum.finalize()
}
