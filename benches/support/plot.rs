//! A picture of lines of the table: horizontal bars for this crate and the others, as SVG.

use std::fmt::Write as _;

use crate::table::Line;

const WIDTH: f64 = 760.0;
/// The left end of the bars; the names stand before them.
const LEFT: f64 = 190.0;
/// The right end of the longest bar; its number stands after it.
const RIGHT: f64 = 640.0;
const ROW: f64 = 26.0;
const HEADING: f64 = 40.0;

/// Colours that are readable on a light page and on a dark one.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.heading{font-weight:600}.own{fill:#4f6bed}\
                     .other{fill:#9aa4b2}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.other{fill:#6b7684}}";

/// A panel for each line, under the line's own words.
#[must_use]
pub fn svg(lines: &[Line]) -> String {
    let mut panels = String::new();
    let mut top = 0.0;
    for line in lines {
        let bars = line.bars();
        let longest = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
        text(&mut panels, "heading", 0.0, top + 24.0, line.what());
        top += HEADING;
        for (place, (name, value)) in bars.iter().enumerate() {
            let class = if place == 0 { "own" } else { "other" };
            let width = (value / longest * (RIGHT - LEFT)).max(1.0);
            let middle = top + ROW / 2.0;
            text(&mut panels, "", 0.0, middle + 4.0, name);
            let _ = writeln!(
                panels,
                r#"<rect class="{class}" x="{LEFT}" y="{:.0}" width="{width:.1}" height="16" rx="2"/>"#,
                middle - 8.0
            );
            text(&mut panels, "", LEFT + width + 8.0, middle + 4.0, &format!("{value:.0}"));
            top += ROW;
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {0:.0}\" width=\"{WIDTH}\" height=\"{0:.0}\" role=\"img\">\n\
         <style>{STYLE}</style>\n{panels}</svg>\n",
        top + 12.0
    )
}

fn text(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let class = if class.is_empty() { String::new() } else { format!(r#" class="{class}""#) };
    let _ = writeln!(out, r#"<text{class} x="{x:.1}" y="{y:.0}">{text}</text>"#);
}
