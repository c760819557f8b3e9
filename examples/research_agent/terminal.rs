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

/// The text in lines that start with so many spaces.
pub(crate) fn wrap(text: &str, indent: usize) -> String {
    let (mut lines, mut width) = (String::new(), WIDTH);
    for word in clean(text).split(' ') {
        let length = word.chars().count();
        if width + 1 + length > WIDTH {
            let gap = if lines.is_empty() { "" } else { "\n" };
            let _ = write!(lines, "{gap}{:indent$}{word}", "");
            width = indent + length;
        } else {
            let _ = write!(lines, " {word}");
            width += 1 + length;
        }
    }
    lines
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
