//! Text for the terminal: nothing in it moves the cursor, and no line is wider than the page.

use std::fmt::Write as _;

pub(crate) const WIDTH: usize = 100;

/// The text on one line. Files, models and servers may send escape sequences: their control characters go.
pub(crate) fn clean(text: &str) -> String {
    let words =
        text.split_whitespace().map(|word| word.chars().filter(|sign| !is_hidden(*sign)).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, and the marks that turn the direction of writing around.
fn is_hidden(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text in lines, with a margin before the first and one before the others.
pub(crate) fn wrap(text: &str, first: &str, others: &str) -> String {
    let mut lines = first.to_owned();
    let mut width = first.chars().count();
    let mut is_new = true;
    for word in clean(text).split(' ').flat_map(|word| pieces(word, WIDTH - others.chars().count())) {
        let length = word.chars().count();
        if !is_new && width + 1 + length > WIDTH {
            let _ = write!(lines, "\n{others}");
            (width, is_new) = (others.chars().count(), true);
        }
        let gap = if is_new { "" } else { " " };
        let _ = write!(lines, "{gap}{word}");
        (width, is_new) = (width + gap.len() + length, false);
    }
    lines
}

/// A word that is wider than a line, such as a long path, in pieces that are not.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let signs: Vec<char> = word.chars().collect();
    signs.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// The text on one line of so many columns at most, with an ellipsis where something is left out.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= width {
        return text;
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    [kept.trim_end(), "…"].concat()
}
