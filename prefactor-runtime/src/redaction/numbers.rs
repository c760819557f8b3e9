//! Numbers that stand for money or for a person: cards, bank accounts, social security. Each has a form and, but for the
//! last, a check digit, so that one ordinary number in ten to a hundred of the same form is taken for one.

use std::ops::Range;

use super::scan::Scan;

/// Digits of the longest number of a card.
const MAX_CARD: usize = 19;

/// The number of a card or of a person that begins there.
pub(super) fn card_or_person(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
    if start > 0
        && scan.byte(start - 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.-/+#$".contains(&byte))
    {
        return None;
    }
    let digits = scan.run(start, 8, |byte| byte.is_ascii_digit()) - start;
    match digits {
        3 => person(scan, start),
        4.. => card(scan, start),
        _ => None,
    }
}

/// `123-45-6789`: area, group and serial number, none of them zero.
fn person(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
    let text = scan.text.as_bytes().get(start..start + 11)?;
    let is_form = text.iter().enumerate().all(|(place, byte)| match place {
        3 | 6 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let is_given = text[0] < b'9'
        && !matches!(&text[..3], b"000" | b"666")
        && &text[4..6] != b"00"
        && &text[7..] != b"0000";
    (is_form && is_given && is_end(scan, start + 11)).then_some(start..start + 11)
}

fn card(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
    let mut digits = [0; MAX_CARD];
    let (mut count, mut at) = (0, start);
    let (mut groups, mut group) = ([0_usize; 5], 0);
    loop {
        match scan.byte(at) {
            Some(byte) if byte.is_ascii_digit() => {
                *digits.get_mut(count)? = byte - b'0';
                count += 1;
                groups[group] += 1;
            }
            Some(b' ' | b'-')
                if group < 4 && count > 0 && scan.byte(at + 1).is_some_and(|byte| byte.is_ascii_digit()) =>
            {
                group += 1;
            }
            _ => break,
        }
        at += 1;
    }
    let is_grouped = match groups[..=group] {
        [len] => is_issued(&digits[..count], len),
        [4, 4, 4, 4] | [4, 6, 4 | 5] | [4, 4, 4, 4, 3] => (3..=6).contains(&digits[0]) || digits[0] == 2,
        _ => false,
    };
    (is_grouped && is_end(scan, at) && has_check_digit(&digits[..count])).then_some(start..at)
}

/// Whether a network of cards issues numbers that begin so and are so long.
fn is_issued(digits: &[u8], len: usize) -> bool {
    let head = digits.iter().take(4).fold(0, |head, digit| head * 10 + u16::from(*digit));
    match len {
        16 => {
            matches!(head, 4000..=4999 | 5100..=5599 | 2221..=2720 | 6011 | 6440..=6599 | 3528..=3589 | 6200..=6299)
        }
        15 => matches!(head, 3400..=3499 | 3700..=3799),
        14 => matches!(head, 3000..=3059 | 3600..=3699 | 3800..=3899),
        _ => false,
    }
}

/// The sum of Luhn.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) << (place % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    sum % 10 == 0
}

/// The number of a bank account, with a country before it and a sum by 97 in it.
pub(super) fn account(scan: Scan<'_>, start: usize) -> Option<Range<usize>> {
    const LEN: std::ops::RangeInclusive<usize> = 15..=34;
    let head = scan.text.as_bytes().get(start..start + 4)?;
    let is_inside = start > 0
        && scan.byte(start - 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte));
    if is_inside || !head[..2].iter().all(u8::is_ascii_uppercase) || !head[2..].iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    let append = |sum: u32, byte: u8| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    };
    let (mut at, mut len, mut sum, mut found) = (start + 4, 4, 0, None);
    loop {
        let is_more = scan.byte(at).is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_more && len < *LEN.end() {
            sum = append(sum, scan.byte(at)?);
            len += 1;
            at += 1;
            continue;
        }
        // The IBAN checksum takes the country and the check digits last.
        if LEN.contains(&len)
            && !is_more
            && head.iter().fold(sum, |sum, byte| append(sum, *byte)) == 1
            && is_end(scan, at)
        {
            found = Some(start..at);
        }
        if is_more || scan.byte(at) != Some(b' ') || len % 4 != 0 {
            return found;
        }
        at += 1;
    }
}

/// Whether nothing goes on there that the number would be part of.
fn is_end(scan: Scan<'_>, end: usize) -> bool {
    match scan.byte(end) {
        Some(b'.') => scan.byte(end + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric()),
        Some(byte) => !byte.is_ascii_alphanumeric() && byte != b'_' && byte != b'-',
        None => true,
    }
}
