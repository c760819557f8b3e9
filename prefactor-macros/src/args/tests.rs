//! Wrong forms of the options, with their messages.

use super::Args;
use super::forms::FORMS;

fn message(args: &str) -> Option<String> {
    syn::parse_str::<Args>(args).err().map(|error| error.to_string())
}

/// Text after the word of an option, most of it wrong for most options.
const FORMS_OF_VALUES: [&str; 25] = [
    "",
    "()",
    " =",
    " = a",
    " = \"a\"",
    " = false",
    " = 5",
    " = |a| a",
    "(\"a\")",
    "(5)",
    "(|a| b)",
    "(a b)",
    "(a.b)",
    "(&a)",
    "(a, )",
    "[a]",
    "(a = \"f\")",
    "(a = 5)",
    "(a = |b| c)",
    "(a = f(b))",
    "(a = )",
    "(\"a\" = b)",
    "(a: b)",
    " a",
    "(a)(b)",
];

#[test]
fn wrong_form_of_any_option_is_told_the_cure() {
    for (option, ..) in FORMS {
        for value in FORMS_OF_VALUES {
            let args = format!("\"agent:plan\", {option}{value}");
            let Some(message) = message(&args) else { continue };
            let is_bare = ["expected", "unexpected"].iter().any(|bare| message.contains(&format!("{bare} ")));
            let cures = [": use ", ", as in `", " needs `", ": did you mean"];
            assert!(!is_bare && cures.iter().any(|cure| message.contains(cure)), "{args}: {message}");
        }
    }
}

#[test]
fn value_in_the_wrong_form_is_shown_in_the_right_one() {
    for (args, end) in [
        ("skip(\"a\")", "use `skip(a)`"),
        ("rename(a = b)", "use `rename(a = \"b\")`"),
        ("name = 5", "use `name = \"5\"`"),
        ("crate = \"my::prefactor\"", "use `crate = my::prefactor`"),
        ("ret(\"skip\")", "use `ret(skip)`"),
        ("ret(\"json\")", "use `ret` or e.g. `ret(skip)`"),
        ("ret(with = \"a::b\")", "use `ret(with = a::b)`"),
        ("usage(with = \"a::b\")", "use `usage(with = a::b)`"),
        ("boxed(\"local\")", "use `boxed(local)`"),
        ("with(a = \"f\")", "use `with(a = f)`"),
        ("with(\"a\")", "use e.g. `with(a = path::to::function)`"),
        ("stream(with = \"Reader\")", "use `stream(with = Reader)`"),
        ("stream(end = \"is_end\")", "use `stream(end = is_end)`"),
        ("risk(read_data = \"allowed\")", "use `risk(read_data = allowed)`"),
        ("risk(params(classification = \"internal\"))", "use `risk(params(classification = internal))`"),
        ("risk(params())", "use e.g. `risk(params(classification = internal))`"),
        ("fields(self.a)", "use e.g. `a = self.a`"),
        ("root, \"agent:plan\"", "use `#[span(\"agent:plan\", root)]`"),
    ] {
        let message = message(args).unwrap();
        assert!(message.ends_with(end), "{args}: {message}");
    }
}

#[test]
fn text_that_is_no_option_is_told_the_cure() {
    for (args, expected) in [
        ("5", "the schema name must be a string literal: use e.g. `#[span(\"agent:llm_call\")]`"),
        ("agent", "the schema name must be a string literal: use e.g. `#[span(\"agent:llm_call\")]`"),
        ("skipp(a)", "unknown option `skipp`: did you mean `skip`?"),
        ("\"a\",, root", "an option is expected, not `,`: use e.g. `skip(a)`"),
        ("\"a\", |a| b", "an option is expected, not a closure: use e.g. `skip(a)`"),
        ("\"a\" root", "a comma is missing before `root`: use e.g. `#[span(\"agent:llm_call\", skip(a))]`"),
        ("\"a\", skip(a) root", "a comma is missing before `root`: use e.g. `skip(a, b)`"),
    ] {
        assert_eq!(message(args).unwrap(), expected, "{args}");
    }
}
