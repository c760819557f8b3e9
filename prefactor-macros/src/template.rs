//! Reads the names off a Liquid template, so that those of a summary can be held against the arguments.
//!
//! The platform renders nothing for a template that it cannot parse, and nothing in the place of a name that is missing: a
//! slip would show as an empty summary, in production.

/// The names in a template, in the order of first use: variables that it does not set itself.
pub(crate) fn names(template: &str) -> Result<Vec<String>, String> {
    let mut found = Found::default();
    let mut open: Vec<String> = Vec::new();
    let mut rest = template;
    while let Some((is_tag, inside, after)) = next_part(rest)? {
        rest = after;
        if !is_tag {
            found.expression(inside);
            continue;
        }
        let word_end = inside.find(|c: char| !is_word(c)).unwrap_or(inside.len());
        let (word, arguments) = inside.split_at(word_end);
        if word == "comment" || word == "raw" {
            rest = skip_to_end(word, rest)?;
        } else if let Some(ended) = word.strip_prefix("end") {
            match open.pop() {
                Some(begun) if begun == ended => {}
                Some(begun) => {
                    return Err(format!("`{{% {word} %}}` stands where `{{% end{begun} %}}` is due"));
                }
                None => return Err(format!("`{{% {word} %}}` ends nothing")),
            }
        } else {
            if ["if", "unless", "case", "for", "tablerow", "capture"].contains(&word) {
                open.push(word.to_owned());
            }
            found.tag(word, arguments);
        }
    }
    match open.pop() {
        Some(begun) => Err(format!("`{{% {begun} %}}` has no `{{% end{begun} %}}`")),
        None => Ok(found.free()),
    }
}

/// The next output or tag: whether it is a tag, its content, and the rest of the text.
fn next_part(text: &str) -> Result<Option<(bool, &str, &str)>, String> {
    let starts = [text.find("{{").map(|at| (at, false)), text.find("{%").map(|at| (at, true))];
    let Some((at, is_tag)) = starts.into_iter().flatten().min() else { return Ok(None) };
    let (begin, end) = if is_tag { ("{%", "%}") } else { ("{{", "}}") };
    let Some((inside, after)) = text[at + 2..].split_once(end) else {
        return Err(format!("`{begin}` has no `{end}`"));
    };
    let inside = inside.strip_prefix('-').unwrap_or(inside);
    Ok(Some((is_tag, inside.strip_suffix('-').unwrap_or(inside).trim(), after)))
}

/// The text after the end of a block whose inside is not read.
fn skip_to_end<'a>(word: &str, text: &'a str) -> Result<&'a str, String> {
    let end = format!("end{word}");
    let mut from = 0;
    while let Some(at) = text[from..].find("{%").map(|at| from + at) {
        let inside = text[at + 2..].trim_start_matches('-').trim_start();
        if inside.starts_with(&end) {
            return inside
                .split_once("%}")
                .map(|(_, after)| after)
                .ok_or_else(|| "`{%` has no `%}`".to_owned());
        }
        from = at + 2;
    }
    Err(format!("`{{% {word} %}}` has no `{{% {end} %}}`"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[derive(Default)]
struct Found {
    used: Vec<String>,
    /// Variables that the template sets itself.
    set: Vec<String>,
}

impl Found {
    fn tag(&mut self, word: &str, arguments: &str) {
        let first = arguments.trim_start().split(|c: char| !is_word(c)).next().unwrap_or_default();
        match word {
            "assign" => {
                self.set.push(first.to_owned());
                self.expression(arguments.split_once('=').map_or("", |(_, value)| value));
            }
            "capture" | "increment" | "decrement" => self.set.push(first.to_owned()),
            "for" | "tablerow" => {
                self.set.extend([first.to_owned(), format!("{word}loop")]);
                self.expression(arguments.split_once(" in ").map_or("", |(_, list)| list));
            }
            "if" | "elsif" | "unless" | "case" | "when" | "echo" => self.expression(arguments),
            _ => {}
        }
    }

    /// Reads an expression: values, operators, filters and their arguments.
    fn expression(&mut self, text: &str) {
        const WORDS: [&str; 10] =
            ["and", "or", "contains", "true", "false", "nil", "null", "empty", "blank", "reversed"];
        let mut rest = text;
        let mut before = None;
        while let Some(c) = rest.chars().next() {
            let mut len = c.len_utf8();
            if c == '"' || c == '\'' {
                len += rest[1..].find(c).map_or(rest.len() - 1, |end| end + 1);
            } else if is_word(c) {
                len = rest.find(|c: char| !is_word(c) && c != '-').unwrap_or(rest.len());
                let word = rest[..len].to_owned();
                let after = rest[len..].trim_start();
                let is_variable = !c.is_ascii_digit()
                    && !matches!(before, Some('|' | '.'))
                    && !after.starts_with(':')
                    && !WORDS.contains(&&*word);
                if is_variable && !self.used.contains(&word) {
                    self.used.push(word);
                }
            }
            if !c.is_whitespace() {
                before = Some(c);
            }
            rest = &rest[len..];
        }
    }

    fn free(self) -> Vec<String> {
        let Self { used, set } = self;
        used.into_iter().filter(|name| !set.contains(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_variables_and_nothing_else() {
        for (template, expected) in [
            ("no names", &[][..]),
            ("{{ model }}: {{prompt | truncate: 80, '…'}}", &["model", "prompt"]),
            (
                "{{- a.b.c -}} {{ inputs[\"ai.model.id\"] }} {{ list[index].name }}",
                &["a", "inputs", "list", "index"],
            ),
            ("{{ a | default: b | slice: 0, 5 }}{{ 'text in | quotes' }}{{ 1.5 }}", &["a", "b"]),
            ("{{ a | default: x, allow_false: true }}", &["a", "x"]),
            (
                "{% if a == 'b' and c contains d or e.size > 3 %}{{ f }}{% elsif g == nil %}{% else %}{% endif %}",
                &["a", "c", "d", "e", "f", "g"],
            ),
            ("{% assign short = text | truncate: 5 %}{{ short }}", &["text"]),
            (
                "{% for item in items reversed limit: most %}{{ item.name }}{{ forloop.index }}{% endfor %}",
                &["items", "most"],
            ),
            ("{% capture x %}{{ y }}{% endcapture %}{{ x }}", &["y"]),
            ("{% case a %}{% when 'b', c %}{{ d }}{% endcase %}", &["a", "c", "d"]),
            ("{% comment %}{{ hidden }}{% endcomment %}{% raw %}{{ too }}{% endraw %}{{ seen }}", &["seen"]),
            ("{{ größe }}", &["größe"]),
        ] {
            assert_eq!(names(template).unwrap(), expected, "{template}");
        }
    }

    #[test]
    fn templates_that_the_platform_cannot_parse_are_errors() {
        for (template, expected) in [
            ("{{ model", "`{{` has no `}}`"),
            ("{% if a %}{{ a }}", "`{% if %}` has no `{% endif %}`"),
            ("{% if a %}{% endfor %}", "`{% endfor %}` stands where `{% endif %}` is due"),
            ("{% endif %}", "`{% endif %}` ends nothing"),
            ("{% if a ", "`{%` has no `%}`"),
            ("{% raw %}{{ a }}", "`{% raw %}` has no `{% endraw %}`"),
        ] {
            assert_eq!(names(template).unwrap_err(), expected, "{template}");
        }
    }
}
