//! Liquid templates of span types, rendered into one line of text.
//!
//! The platform renders a missing value, or an object in leaf position, as nothing, and formats RFC 3339 times. The
//! crate `liquid` fails on the first, prints the second and leaves the third as it is. So a template is rewritten
//! before it is parsed: outputs become the tag of [`output`], bodies are wrapped in the block of [`lenient`].

mod date;
mod leaf;
mod lenient;
mod output;
mod rewrite;
mod value;

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use liquid::{Parser, ParserBuilder, Template};
use serde_json::Value;

/// The greatest length of a summary, which is one line in a list. A template that writes more gives none.
const MOST_BYTES: usize = 16 << 10;

/// The greatest number of parsed templates in the cache; one more empties it.
const MOST_TEMPLATES: usize = 512;

static PARSER: LazyLock<Option<Parser>> = LazyLock::new(|| {
    let parser = ParserBuilder::with_stdlib()
        .block(lenient::Block)
        .tag(output::Tag)
        .filter(date::Filter)
        .filter(leaf::Filter);
    parser.build().ok()
});

/// Templates by their text; `None` for those that cannot be parsed.
static PARSED: LazyLock<Mutex<HashMap<String, Option<Arc<Template>>>>> = LazyLock::new(Mutex::default);

/// Renders a template with the members of `payload`, overlaid by those of `result`. Returns `None` when the template is
/// invalid or fails: the platform shows no summary then.
pub(crate) fn render(template: &str, payload: &Value, result: Option<&Value>) -> Option<String> {
    let template = parsed(template)?;
    let globals = value::globals(payload, result);
    let mut text = Bounded(Vec::new());
    template.render_to(&mut text, &globals).ok()?;
    let text = String::from_utf8(text.0).ok()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn parsed(text: &str) -> Option<Arc<Template>> {
    let mut templates = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(template) = templates.get(text) {
        return template.clone();
    }
    let parse = |text: String| PARSER.as_ref()?.parse(&text).ok().map(Arc::new);
    let template = rewrite::lenient(text).and_then(parse);
    if templates.len() >= MOST_TEMPLATES {
        templates.clear();
    }
    templates.insert(text.to_owned(), template.clone());
    template
}

/// Fails after too many bytes, which ends a template that loops.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(io::Error::other("the summary is too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn summary(template: &str) -> Option<String> {
        let payload = json!({
            "name": "call", "none": null, "object": {"k": 1}, "list": [1, {"k": 2}, "x"], "big": u64::MAX, "half": 0.5,
            "inputs": {"ai.model.id": "m-1", "messages": [{"role": "user", "content": "Hello"}, {"role": "tool"}]},
            "at": "2026-01-31T12:00:00.123456Z", "html": "<b>\n\n hi",
        });
        render(template, &payload, Some(&json!({"name": "result wins", "ok": true})))
    }

    #[test]
    fn supported_constructs_render_as_the_platform_documents_them() {
        for (template, text) in [
            ("{{ name }}", "result wins"),
            (r#"{{ inputs["ai.model.id"] }} {{inputs.messages[0].content | truncate: 4, ""}}"#, "m-1 Hell"),
            ("{% if ok %}yes{% elsif name %}maybe{% else %}no{% endif %}", "yes"),
            ("{% assign n = inputs.messages | size %}{{ n | plus: 1 }}", "3"),
            ("{{ missing | default: 'nobody' }}", "nobody"),
            ("{{ object | default: 'nothing' }} {{ object | size }}", "nothing 1"),
            ("{{ name | slice: 0, 6 }}, {{ half }}, {{ big }}", "result, 0.5, 18446744073709551615"),
            ("{{ html }}", "<b> hi"),
        ] {
            assert_eq!(summary(template).as_deref(), Some(text), "{template}");
        }
    }

    #[test]
    fn missing_values_and_objects_in_leaf_position_are_empty() {
        for template in [
            "{{ missing }}",
            "{{ missing.deep[3].er }}",
            "{{ name.member }}",
            "{{ none }}",
            "{{ none.member }}",
            "{{ object }}",
            "{{- object -}}",
            "{{ inputs }}",
            "{{ inputs | truncate: 20 | upcase }}",
            "{% assign o = object %}{{ o }}",
            "{% if missing.x == 'a' %}never{% endif %}",
            "{% for m in missing.list %}never{% endfor %}",
            "{% for m in inputs.messages %}{{ m }}{{ m.missing.x }}{% endfor %}",
            "{% for m in list %}{% if m.a.b == 'c' %}never{% endif %}{% endfor %}",
        ] {
            assert_eq!(summary(template).as_deref(), Some(""), "{template}");
        }
        assert_eq!(summary("{{ list }}").as_deref(), Some("1x"), "an object within a list is a leaf as well");
    }

    #[test]
    fn loops_reach_the_members_of_their_items() {
        for (template, text) in [
            ("{% for m in inputs.messages %}{{ m.role }}:{{ m.content }};{% endfor %}", "user:Hello;tool:;"),
            ("{% for m in missing %}a{% else %}none{% endfor %}", "none"),
            ("{% for m in list %}{% if forloop.last %}{{ m }}{% else %}.{% endif %}{% endfor %}", "..x"),
            ("{% for m in list %}{{ forloop.index }}{% break %}{% endfor %}", "1"),
            (
                "{% for m in inputs.messages %}{% for n in list %}{% continue %}{% endfor %}{{ m.role }}{% endfor %}",
                "usertool",
            ),
        ] {
            assert_eq!(summary(template).as_deref(), Some(text), "{template}");
        }
    }

    #[test]
    fn rfc_3339_times_are_formatted() {
        assert_eq!(summary("{{ at | date: '%Y-%m-%d %H:%M' }}").as_deref(), Some("2026-01-31 12:00"));
        assert_eq!(summary("{{ at }}").as_deref(), Some("2026-01-31T12:00:00.123456Z"));
        assert_eq!(summary("{{ name | date: '%Y' }}").as_deref(), Some("result wins"));
    }

    #[test]
    fn invalid_template_gives_no_summary() {
        for template in ["{{ name", "{% if %}", "{% nonsense %}", "{{ name | nonsense }}", "{% endlenient %}"]
        {
            assert_eq!(summary(template), None, "{template}");
        }
    }

    #[test]
    fn template_that_writes_or_loops_too_much_gives_no_summary() {
        let line = "x".repeat(100);
        assert_eq!(summary(&["{% for i in (1..1000) %}", &line, "{% endfor %}"].concat()), None);
        let nested = "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}";
        assert_eq!(summary(nested), None);
        assert_eq!(summary("{% for i in (1..3) %}{{ i }}{% endfor %}").as_deref(), Some("123"));
    }

    #[test]
    fn payload_is_never_parsed_as_a_template() {
        let text = render("{{ x }}", &json!({"x": "{{ y }}{% raw %}", "y": "no"}), None);
        assert_eq!(text.as_deref(), Some("{{ y }}{% raw %}"));
    }

    #[test]
    fn raw_blocks_keep_their_text() {
        assert_eq!(summary("{% raw %}{{ name }}{% endraw %}").as_deref(), Some("{{ name }}"));
    }
}
