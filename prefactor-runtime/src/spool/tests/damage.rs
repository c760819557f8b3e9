//! Row F47: files that are damaged in every way.

use super::super::frame;
use super::super::segment::{self, MAGIC, Segment, VERSION};

/// A file with five records of some lengths, the first of which has the number 2.
fn file() -> (Vec<u8>, Vec<usize>) {
    let mut bytes = segment::head(br#"{"origin":"http://127.0.0.1"}"#, 2);
    let mut begins = Vec::new();
    for number in 2..7_u8 {
        begins.push(bytes.len());
        frame::append(&mut bytes, 3, number.into(), |out| out.extend(vec![number; usize::from(number) * 9]));
    }
    (bytes, begins)
}

fn numbers(segment: &Segment) -> Vec<u64> {
    for frame in &segment.frames {
        let body = segment.body(frame);
        assert!(body.iter().all(|byte| u64::from(*byte) == frame.number), "a record that was never written");
    }
    segment.frames.iter().map(|frame| frame.number).collect()
}

#[test]
fn f47_file_with_any_bit_flipped_keeps_all_records_but_the_one_it_is_in() {
    let (bytes, begins) = file();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let segment = Segment::of(damaged);
            let hit = begins.partition_point(|begin| *begin <= at) as u64;
            let expected: Vec<_> = (2..7).filter(|number| hit == 0 || *number != hit + 1).collect();
            assert_eq!(numbers(&segment), expected, "bit {bit} of byte {at}");
            assert!(segment.identity.is_some(), "bit {bit} of byte {at}");
            let has_damage = segment.damage.gaps > 0 || segment.damage.is_torn;
            assert!(has_damage, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn f47_file_that_is_cut_at_any_byte_keeps_all_records_before_the_cut() {
    let (bytes, begins) = file();
    for length in 0..bytes.len() {
        let segment = Segment::of(bytes[..length].to_vec());
        let whole = begins.iter().skip(1).chain([&bytes.len()]).filter(|end| **end <= length).count() as u64;
        assert_eq!(numbers(&segment), (2..2 + whole).collect::<Vec<_>>(), "cut at {length}");
        assert_eq!(segment.damage.gaps, 0, "cut at {length}");
    }
}

#[test]
fn f47_record_behind_one_that_was_cut_off_is_read() {
    let (bytes, begins) = file();
    for length in begins[4] + 1..bytes.len() {
        let mut torn = bytes[..length].to_vec();
        frame::append(&mut torn, 3, 9, |out| out.extend([9; 30]));
        let segment = Segment::of(torn);
        assert_eq!(numbers(&segment), [2, 3, 4, 5, 9], "torn at {length}");
        assert_eq!((segment.damage.gaps, segment.damage.is_torn), (1, false));
    }
}

/// A file with records of number 1.
fn old_file() -> Vec<u8> {
    let mut bytes = segment::head(br#"{"origin":"http://127.0.0.1"}"#, 1);
    while bytes.len() < 2 * file().0.len() {
        frame::append(&mut bytes, 3, 1, |out| out.extend([1; 40]));
    }
    bytes
}

/// A file that is written over, of which that much is written.
fn written_over(new: &[u8], length: usize) -> Segment {
    Segment::of([&new[..length], &old_file()[length..]].concat())
}

#[test]
fn f47_file_that_was_written_before_holds_what_was_written_last_and_is_whole() {
    let (bytes, _) = file();
    let segment = written_over(&bytes, bytes.len());
    assert_eq!(numbers(&segment), [2, 3, 4, 5, 6]);
    assert_eq!((segment.damage.gaps, segment.damage.is_torn), (0, false));
}

#[test]
fn f47_file_that_was_written_before_and_is_cut_or_has_a_bit_flipped_keeps_no_old_record() {
    let (bytes, begins) = file();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let hit = begins.partition_point(|begin| *begin <= at) as u64;
        let expected: Vec<_> = (2..7).filter(|number| hit == 0 || *number != hit + 1).collect();
        let segment = written_over(&damaged, damaged.len());
        assert_eq!(numbers(&segment), expected, "byte {at}");
        assert!(segment.damage.gaps > 0 || segment.damage.is_torn, "byte {at}");
    }
    // The file has its name once its head is written.
    for length in begins[0]..bytes.len() {
        let segment = written_over(&bytes, length);
        let whole = begins.iter().skip(1).filter(|end| **end <= length).count() as u64;
        assert_eq!(numbers(&segment), (2..2 + whole).collect::<Vec<_>>(), "cut at {length}");
        assert_eq!(segment.damage.gaps, 0, "cut at {length}");
    }
}

#[test]
fn f47_length_beyond_the_file_allocates_nothing() {
    let (mut bytes, begins) = file();
    bytes[begins[0] + 4..begins[0] + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(numbers(&Segment::of(bytes)), [3, 4, 5, 6]);
}

#[test]
fn f47_file_of_another_version_is_told_by_its_head_and_not_read() {
    let mut head = MAGIC.to_vec();
    head.extend((VERSION + 1).to_le_bytes());
    head.extend(2_u32.to_le_bytes());
    head.extend(b"{}");
    let sum = frame::checksum(&head, &[]);
    head.extend(sum.to_le_bytes());
    frame::append(&mut head, 3, 2, |out| out.push(2));
    let segment = Segment::of(head);
    assert_eq!((segment.damage.version, segment.frames.len()), (Some(VERSION + 1), 0));
}

#[test]
fn f47_file_of_zeros_and_an_empty_one_hold_nothing() {
    for length in [0, 1, 19, 4_096] {
        let segment = Segment::of(vec![0; length]);
        assert!(segment.frames.is_empty() && segment.identity.is_none());
    }
}
