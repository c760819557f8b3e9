//! Rewrites a template so that outputs and comparisons are lenient.
//!
//! `{{ x }}` becomes `{% output x %}`. The whole template and the body of each loop are wrapped in `{% lenient %}`,
//! because a loop puts a scope of the crate's own in front, which fails on missing members.

/// The longest range of numbers in a loop, because the crate makes a list of it first.
const MOST_NUMBERS: u32 = 1000;

/// Returns the template with the tags added; `None` if it loops over more numbers than a summary needs.
pub(super) fn lenient(template: &str) -> Option<String> {
    let mut rewriter = Rewriter { output: "{% lenient %}".to_owned(), open: Vec::new() };
    let mut rest = template;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        rewriter.output.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = end_of(rest) else { break };
        let markup = &rest[..end];
        rest = &rest[end..];
        if markup.starts_with("{{") {
            rewriter.output(markup);
        } else if name_of(markup) == "raw" {
            rest = rewriter.raw(markup, rest);
        } else {
            rewriter.tag(markup)?;
        }
    }
    rewriter.output.push_str(rest);
    rewriter.output.push_str("{% endlenient %}");
    Some(rewriter.output)
}

struct Rewriter {
    output: String,
    /// The open blocks; for a loop, whether its wrapper is open.
    open: Vec<Open>,
}

#[derive(PartialEq, Eq)]
enum Open {
    Loop,
    Other,
}

impl Rewriter {
    fn output(&mut self, markup: &str) {
        let inner = &markup[2..markup.len() - 2];
        let (left, inner) = inner.strip_prefix('-').map_or(("", inner), |inner| ("-", inner));
        let (right, inner) = inner.strip_suffix('-').map_or(("", inner), |inner| ("-", inner));
        let (value, filters) = split_filters(inner);
        // The platform renders an object as empty text before every filter but `size`.
        let leaf = if filters.is_empty() || name_of(filters) == "size" { "" } else { "| leaf " };
        for part in ["{%", left, " output ", value, leaf, filters, " ", right, "%}"] {
            self.output.push_str(part);
        }
    }

    fn tag(&mut self, markup: &str) -> Option<()> {
        let name = name_of(markup);
        if matches!(name, "for" | "tablerow") && markup.contains("..") && !is_short_range(markup) {
            return None;
        }
        let closes_loop = match name {
            "else" if self.open.last() == Some(&Open::Loop) => {
                self.open.pop();
                self.open.push(Open::Other);
                true
            }
            "endfor" | "endtablerow" => self.open.pop() == Some(Open::Loop),
            "endif" | "endunless" | "endcase" | "endifchanged" => {
                self.open.pop();
                false
            }
            _ => false,
        };
        if closes_loop {
            self.output.push_str("{% endlenient %}");
        }
        self.output.push_str(markup);
        match name {
            "for" | "tablerow" => {
                self.open.push(Open::Loop);
                self.output.push_str("{% lenient %}");
            }
            "if" | "unless" | "case" | "ifchanged" => self.open.push(Open::Other),
            _ => {}
        }
        Some(())
    }

    /// Copies a raw block as it is, and returns the rest.
    fn raw<'a>(&mut self, markup: &str, rest: &'a str) -> &'a str {
        self.output.push_str(markup);
        let mut end = 0;
        while let Some(start) = rest[end..].find("{%") {
            end += start;
            let length = end_of(&rest[end..]).unwrap_or(2);
            if name_of(&rest[end..end + length]) == "endraw" {
                break;
            }
            end += length;
        }
        self.output.push_str(&rest[..end]);
        &rest[end..]
    }
}

/// Whether the range in a loop is short, with both of its ends written out.
fn is_short_range(markup: &str) -> bool {
    let range = markup.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let bounds = range.and_then(|(range, _)| range.split_once(".."));
    let number = |text: &str| text.trim().parse::<u32>().ok();
    bounds.is_some_and(|(first, last)| {
        number(first).is_some() && number(last).is_some_and(|last| last <= MOST_NUMBERS)
    })
}

/// Finds the end of the markup at the start of `text`; brackets within quotes do not count.
fn end_of(text: &str) -> Option<usize> {
    let close = if text.starts_with("{{") { "}}" } else { "%}" };
    let mut quote = None;
    for (place, letter) in text.char_indices().skip(2) {
        match quote {
            Some(open) if open == letter => quote = None,
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None if text[place..].starts_with(close) => return Some(place + 2),
            _ => {}
        }
    }
    None
}

/// Splits a value from its filters, at the first bar; bars within quotes do not count.
fn split_filters(inner: &str) -> (&str, &str) {
    let mut quote = None;
    for (place, letter) in inner.char_indices() {
        match quote {
            Some(open) if open == letter => quote = None,
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None if letter == '|' => return inner.split_at(place),
            _ => {}
        }
    }
    (inner, "")
}

fn name_of(markup: &str) -> &str {
    let inner = markup.trim_start_matches(['{', '%', '-', '|']).trim_start();
    inner.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_become_tags_and_loops_are_wrapped() {
        for (template, rewritten) in [
            ("a {{ x }} b", "a {% output  x  %} b"),
            ("{{- '}}' -}}", "{%- output  '}}'  -%}"),
            ("{{ a['|'] | upcase }}", "{% output  a['|'] | leaf | upcase  %}"),
            ("{{ a | size }}", "{% output  a | size  %}"),
            ("{% for a in b %}c{% endfor %}", "{% for a in b %}{% lenient %}c{% endlenient %}{% endfor %}"),
            (
                "{%for a in b%}{% if a %}{% else %}{% endif %}{% else %}d{% endfor %}",
                "{%for a in b%}{% lenient %}{% if a %}{% else %}{% endif %}{% endlenient %}{% else %}d{% endfor %}",
            ),
            ("{% raw %}{{ x }}{% y %}{% endraw %}{{ x", "{% raw %}{{ x }}{% y %}{% endraw %}{{ x"),
        ] {
            let wrapped = ["{% lenient %}", rewritten, "{% endlenient %}"].concat();
            assert_eq!(lenient(template), Some(wrapped), "{template}");
        }
    }

    #[test]
    fn ranges_are_short_and_written_out() {
        assert!(lenient("{% for i in (1..3) %}{% endfor %}").is_some());
        for range in ["(1..1001)", "(1..n)", "(n..3)", "(-1..3)", "(1..99999999999999)"] {
            assert_eq!(lenient(&["{% for i in ", range, " %}{% endfor %}"].concat()), None, "{range}");
        }
    }
}
