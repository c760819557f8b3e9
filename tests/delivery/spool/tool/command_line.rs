//! The command line says what is wrong with it.

use super::run;
use crate::programs::tool;

#[test]
fn command_line_that_is_wrong_says_so_and_help_names_the_commands() {
    for (arguments, words) in [
        (&[][..], "say what to do: inspect, deliver or export"),
        (&["export"], "name the directory"),
        (&["delete", "x"], "there is no command delete"),
        (&["inspect", "a", "b"], "one directory at a time"),
        (&["deliver", "a", "--idle-timeout", "-1"], "--idle-timeout"),
        (&["inspect", "--all"], "--all"),
    ] {
        let mut tool = tool();
        tool.args(arguments);
        let (text, code) = run(tool);
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(words) && text.contains("--help"), "{arguments:?}: {text}");
    }
    let mut help = tool();
    help.arg("--help");
    let (text, code) = run(help);
    assert_eq!(code, Some(0));
    for word in ["inspect DIR", "deliver DIR", "export DIR", "PREFACTOR_API_TOKEN"] {
        assert!(text.contains(word), "{text}");
    }
    for (command, words) in [("inspect", "cannot be read"), ("export", "cannot be read")] {
        let mut tool = tool();
        tool.args([command, "/nonexistent/spool"]);
        let (text, code) = run(tool);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(words), "{text}");
    }
    let mut without_token = tool();
    without_token.args(["deliver", "/nonexistent/spool"]);
    let (text, code) = run(without_token);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("PREFACTOR_API_TOKEN"), "{text}");
}
