//! Values of several lines in YAML.

use std::ops::Range;

use super::extent::{end_of_line, floor};
use super::{MAX_NAME, Named};
use crate::redaction::scan::is_blank;

impl Named<'_> {
    /// `password: |` and the indented lines below it.
    pub(super) fn block(&self, start: usize) -> Option<Range<usize>> {
        let scan = self.scan;
        let sign = scan.run(start + 1, 2, |byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'));
        let sign = scan.run(sign, 3, is_blank);
        let mut at = sign + Some(scan.line_end(sign)).filter(|len| *len > 0)?;
        let indent = scan.run_back(self.start, MAX_NAME, is_blank);
        let indent = self.start - indent;
        let first = scan.run(at, MAX_NAME, is_blank);
        // The end of the last line stays in sight.
        let mut end = at;
        loop {
            let text = scan.run(at, MAX_NAME, is_blank);
            if text - at <= indent && scan.line_end(text) == 0 {
                break;
            }
            end = end_of_line(scan, text);
            match scan.line_end(end) {
                0 => break,
                len => at = end + len,
            }
        }
        let end = floor(scan.text, end);
        (end > first).then_some(first..end)
    }
}
