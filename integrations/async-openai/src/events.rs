//! Server-sent events, taken out of bytes as they come.

/// Of a longer line the rest is passed over, so that a server cannot fill the memory.
const LONGEST: usize = 8 << 20;

/// The events of one stream. Format: the HTML standard's; names and ids are passed over.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    /// The last byte was a carriage return, which ended a line; a newline after it ends none.
    was_return: bool,
}

impl Events {
    /// Calls `event` with the data of each event that is complete.
    pub(crate) fn push(&mut self, bytes: &[u8], mut event: impl FnMut(&[u8])) {
        for &byte in bytes {
            let was_return = std::mem::replace(&mut self.was_return, byte == b'\r');
            match byte {
                b'\n' if was_return => {}
                b'\n' | b'\r' => self.end_line(&mut event),
                byte if self.line.len() < LONGEST => self.line.push(byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self, event: &mut impl FnMut(&[u8])) {
        if self.line.is_empty() {
            if let Some(data) = self.data.take() {
                event(&data);
            }
            return;
        }
        if let Some(value) = self.line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) if data.len() < LONGEST => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                Some(_) => {}
                none => *none = Some(value.to_vec()),
            }
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_wherever_the_bytes_are_cut() {
        let text = "\u{feff}: a comment\r\n\r\ndata: {\"a\":\r\ndata:1}\r\n\r\nevent: x\ndata: é\n\ndata: [DONE]\r\rdata: half";
        for size in 1..text.len() {
            let mut events = Events::default();
            let mut seen = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                events.push(piece, |data| seen.push(String::from_utf8(data.to_vec()).unwrap()));
            }
            assert_eq!(seen, ["{\"a\":\n1}", "é", "[DONE]"], "{size}");
        }
    }
}
