//! Texts as JSON, eight bytes at a step: most of what is said of a span is text, and most of a text stands as it is.
//!
//! NUL becomes U+FFFD: databases refuse it.

const LANES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Writes a text in quotes.
pub(crate) fn write(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut plain = 0;
    let mut position = 0;
    while let Some(found) = next(bytes, position) {
        out.extend_from_slice(&bytes[plain..found]);
        escape(out, bytes[found]);
        position = found + 1;
        plain = position;
    }
    out.extend_from_slice(&bytes[plain..]);
    out.push(b'"');
}

/// The place of the next byte that cannot stand as it is.
fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let mut steps = bytes[from..].chunks_exact(8);
    for (step, eight) in steps.by_ref().enumerate() {
        let Ok(eight) = eight.try_into() else { continue };
        let special = specials(u64::from_le_bytes(eight));
        if special != 0 {
            return Some(from + 8 * step + special.trailing_zeros() as usize / 8);
        }
    }
    let rest = steps.remainder();
    let place = rest.iter().position(|byte| is_special(*byte))?;
    Some(bytes.len() - rest.len() + place)
}

/// The high bit of each byte that is special; of those above the first, perhaps more.
const fn specials(eight: u64) -> u64 {
    let controls = eight.wrapping_sub(LANES * 0x20);
    let quotes = (eight ^ (LANES * b'"' as u64)).wrapping_sub(LANES);
    let backslashes = (eight ^ (LANES * b'\\' as u64)).wrapping_sub(LANES);
    (controls | quotes | backslashes) & !eight & HIGH
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        0 => return out.extend_from_slice("\u{fffd}".as_bytes()),
        _ => {
            let [high, low] = [byte >> 4, byte & 0xf].map(|digit| HEX[usize::from(digit)]);
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = b"before".to_vec();
        write(&mut out, text);
        String::from_utf8(out).unwrap().split_off("before".len())
    }

    fn expected(text: &str) -> String {
        serde_json::to_string(&text.replace('\0', "\u{fffd}")).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_is_as_serde_json_writes_it_but_for_nul(text in "(?s:.|[\\x00-\\x7f]){0,40}") {
            prop_assert_eq!(written(&text), expected(&text));
        }
    }

    #[test]
    fn every_character_is_escaped_at_every_place() {
        for character in ('\0'..='\u{ff}').chain(['\u{7ff}', '\u{fffd}', '\u{10ffff}']) {
            for place in 0..24 {
                let text = format!("{}{character}{}", "~".repeat(place), "€!".repeat(place % 5));
                assert_eq!(written(&text), expected(&text));
            }
        }
    }
}
