//! Scenes that record their own runs.

use prefactor_local::Server;
use serde_json::{Value, json};

use crate::{FOLDERS, play, run::HOSTILE};

fn text<'a>(seen: &'a Value, name: &str) -> &'a str {
    seen[name].as_str().unwrap_or_else(|| panic!("{name} in {seen}"))
}

#[test]
fn modules_give_the_known_answers() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("modules", &server, &[]) else { return };
    assert_eq!(seen["failures"], json!([]));
}

#[test]
fn run_is_followed_live_and_ended_by_keyboard() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("live", &server, &[("HOSTILE", HOSTILE)]) else { return };
    let exports = ["export PREFACTOR_API_URL=", server.url()].concat();
    assert!(text(&seen, "welcome").contains(&exports), "{seen}");
    assert!(text(&seen, "welcome").contains("export PREFACTOR_API_TOKEN=pf_local"), "{seen}");
    assert!(text(&seen, "reason").contains(HOSTILE), "{seen}");
    assert_eq!(seen["loaded"], "once", "the page was updated, not loaded again");
}

#[test]
fn list_pages_searches_and_filters_five_thousand_runs() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("lists", &server, &[]) else { return };
    for (name, question) in
        [("first", 4999), ("second", 4899), ("last", 0), ("found", 1234), ("byNumber", 4321)]
    {
        let label = text(&seen, name);
        assert!(label.starts_with(&format!("question number {question},")), "{name}: {label}");
    }
    for (name, range) in [("errors", "1–50 of 50"), ("agent", "1–100 of 100"), ("tag", "1–10 of 10")] {
        assert!(text(&seen, name).starts_with(range), "{name}: {seen}");
    }
    assert!(text(&seen, "live").starts_with("Who comes last?"), "{seen}");
    assert_eq!(seen["kept"], seen["late"], "the search stands in the address");
}

#[test]
fn run_of_a_hundred_thousand_spans_scrolls_without_blank_rows() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("large", &server, &[]) else { return };
    assert_eq!(seen["blanks"], json!([0, 0, 0, 0]));
    assert_eq!(seen["last"], "100000");
    assert!(seen["nodes"].as_u64().unwrap() < 200, "{seen}");
    assert!(text(&seen, "errors").starts_with("1 error"), "{seen}");
}

#[test]
fn tools_of_a_trace_step_zoom_fold_and_change_its_view() {
    let file = FOLDERS.outputs.to_owned() + "/tools.db";
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file([&file, ending].concat());
    }
    std::fs::create_dir_all(FOLDERS.outputs).unwrap();
    let server = Server::builder().database(&file).start().unwrap();
    let Some(seen) = play::<Value>("tools", &server, &[]) else { return };
    assert!(text(&seen, "file").contains("Database file: "), "{seen}");
    // The next error twice, the previous one twice, around the end, and back.
    assert_eq!(seen["steps"], json!([0, 1, 0, 2, 1, 2]));
    assert_eq!(seen["matches"], json!([0, 1, 0]));
    assert_eq!(seen["searched"], "needle", "escape leaves the field and keeps the search");
    // Whole, zoomed to the span, whole, half of the time, whole, half, whole, the dragged part of two fifths, whole.
    let shares: Vec<_> = seen["shares"].as_array().unwrap().iter().map(Value::as_i64).collect();
    let shows = |expected: i64, share: Option<i64>| share.is_some_and(|share| (share - expected).abs() <= 2);
    for (place, expected) in [(0, 10), (1, 91), (2, 10), (4, 10), (6, 10), (7, 25), (8, 10)] {
        assert!(shows(expected, shares[place]), "{place}: {seen}");
    }
    // The middle half of the time has no part of a span that ended before it.
    assert_eq!((shares[3], shares[5]), (None, None), "{seen}");
    for (view, levels, has_bars) in
        [("Tree", "12222", false), ("List", "11111", false), ("Waterfall", "12222", true)]
    {
        let expected = json!({"levels": levels, "hasBars": has_bars, "chosen": "true"});
        assert_eq!(seen["views"][view], expected, "{view}");
    }
    assert_eq!((&seen["collapsed"], &seen["expanded"], &seen["folded"]), (&json!(1), &json!(5), &json!(1)));
    for (view, nodes) in seen["nameless"].as_object().unwrap() {
        assert_eq!(nodes, &json!([]), "{view}");
    }
}

#[test]
fn run_that_is_deep_wide_or_oddly_named_stays_readable() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("odd_runs", &server, &[]) else { return };
    for (view, rows) in seen["unreadable"].as_object().unwrap() {
        assert_eq!(rows, &json!([]), "{view}");
    }
    assert_eq!(seen["inSight"], json!({"light": true, "dark": true, "phone": true}), "the chosen row");
    for (view, pixels) in seen["overflow"].as_object().unwrap() {
        assert!(pixels.as_i64().unwrap() <= 0, "{view} can be scrolled sideways by {pixels}");
    }
}

#[test]
fn two_tabs_show_the_same_while_many_write_and_the_browsers_buttons_lead_back() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("tabs", &server, &[]) else { return };
    assert_eq!(seen["facts"][0], seen["facts"][1]);
    assert!(seen["facts"][0].as_str().unwrap().ends_with("Spans321, 24 failed"), "{seen}");
    let path = [
        "/runs/RUN?span=ROOT",
        "/runs/RUN?span=ROOT&view=figures",
        "/runs/RUN",
        "/",
        "/runs/RUN?span=ROOT&view=figures",
    ];
    assert_eq!(seen["path"], json!(path));
    assert_eq!(seen["chosen"], true);
}

#[test]
fn payload_of_any_shape_shows_and_sensitive_values_wait_to_be_asked_for() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("payloads", &server, &[]) else { return };
    assert_eq!(seen["missing"], json!([]));
    let copied: Value = serde_json::from_str(text(&seen, "copied")).unwrap();
    assert_eq!(copied["precise"], 0.1, "{copied}");
    assert!(text(&seen, "folded").contains("1 key"), "{seen}");
    assert!(!text(&seen, "before").contains("4711-secret"), "{seen}");
    assert!(text(&seen, "after").contains("4711-secret"), "{seen}");
    assert!(!text(&seen, "wholeBefore").contains("0815-secret"), "{seen}");
    assert!(text(&seen, "wholeAfter").contains("0815-secret"), "{seen}");
    assert_eq!(seen["rowsTell"], false, "rows tell no sensitive value");
}

#[test]
fn run_tells_a_reader_what_was_asked_said_called_and_failed() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("reading", &server, &[]) else { return };
    let row = text(&seen, "row");
    for part in
        ["Who may know", "researcher 2.1.0", "9.00 s", "15 · 1 failed", "4.9k", "$0.0130", "helpful: 3 of 5"]
    {
        assert!(row.contains(part), "{part}: {row}");
    }
    let facts = ["Agent researcher 2.1.0", "Status failed", "Duration 9.00 s", "Spans 15, 1 failed"];
    let more = [
        "Tokens 4.3k in, 596 out",
        "Cost $0.0130",
        "Quality helpful: 3 of 5",
        "Session support-479",
        "User ada",
    ];
    assert_eq!(seen["facts"], json!([facts.as_slice(), &more].concat()));
    assert_eq!(seen["roles"], json!(["system", "user", "assistant", "tool", "user", "assistant"]));
    for name in ["call", "tool"] {
        assert_eq!(seen[name], r#"get_weather(city: "Berlin", days: 3)"#);
    }
    let events = [r#"+90.0 ms retry { "reason": "429" }"#, r#"+710 ms first_token { "model": "gpt-4o" }"#];
    assert_eq!(seen["events"], json!(events));
    assert_eq!(seen["embedding"], 6, "a list of numbers takes one line");
    assert!(text(&seen, "error").starts_with("reqwest::Error error sending request"), "{seen}");
    // LangChain's middleware records no parents, so the list tells the order by the start.
    assert_eq!(seen["list"], json!(["+0 µs", "+100 ms", "+1.30 s", "+1.60 s"]));
    assert_eq!(
        seen["kinds"],
        json!(["langchain:agent", "langchain:llm", "langchain:tool:add", "langchain:llm"])
    );
    assert_eq!(seen["level"], "1", "a span whose parent is missing is a root");
}

#[test]
fn two_runs_are_compared_and_cost_follows_from_the_price_table() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("compare", &server, &[]) else { return };
    let labels: Vec<_> = seen["labels"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let kinds = ["agent:run", "llm:chat", "tool:extra", "tool:same"];
    let words = ["differs", "differs", "only in the first run", "alike"];
    assert_eq!(labels.len(), 4, "{labels:?}");
    for ((label, kind), word) in labels.iter().zip(kinds).zip(words) {
        assert!(label.starts_with(kind) && label.ends_with(word), "{label}: {word}");
    }
    assert_eq!(seen["chosen"], json!([labels[1]]), "the row whose difference is shown is marked");
    let lines = seen["lines"].to_string();
    assert!(lines.contains("therefore") && lines.contains("because") && !lines.contains("token"), "{lines}");
    assert!(text(&seen, "figures").contains("$6.00"), "{seen}");
    assert!(text(&seen, "figures").contains("Prices of 2026-01-31"), "{seen}");
    assert_eq!(seen["costs"], json!(["$6.00", "$6.00"]));
    assert_eq!(seen["offered"], 1, "the other run of the agent");
}

#[test]
fn whole_page_is_used_by_keyboard() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("keyboard", &server, &[]) else { return };
    let starts = [
        "agent:step, Look around", // down
        "agent:step, Look around", // left folds it
        "agent:step, Look around", // right opens it
        "tool:fast",               // right goes in
        "agent:step, Look around", // left goes out
        "tool:broken",             // end
        "agent:run",               // home
    ];
    let path = seen["path"].as_array().unwrap();
    assert_eq!(path.len(), starts.len());
    for (label, start) in path.iter().zip(starts) {
        assert!(label.as_str().unwrap_or_default().starts_with(start), "{label}: {start}");
    }
    assert_eq!(seen["folded"], 3);
    assert_eq!(seen["critical"], json!(["agent:run", "agent:step", "tool:slow", "tool:broken"]));
    assert!(text(&seen, "zoomed").contains('s') && !text(&seen, "zoomed").starts_with('0'), "{seen}");
    let errors_first = ["agent:run", "tool:broken", "agent:step", "tool:fast", "tool:slow"];
    assert_eq!(seen["errorsFirst"], json!(errors_first));
    assert!(text(&seen, "help").contains("critical path"), "{seen}");
    assert!(text(&seen, "back").starts_with("tool:broken"), "{seen}");
    assert_eq!(seen["matched"], json!(["tool:slow"]));
    assert_eq!(seen["nameless"], json!([]));
}

/// The scene takes the pictures of `docs/trace-page.md` as well; they are in the outputs of the test.
#[test]
fn every_view_fits_a_desk_and_a_phone_in_both_themes() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("pictures", &server, &[]) else { return };
    let views = seen["overflow"].as_object().unwrap();
    assert_eq!(views.len(), 20);
    for (view, pixels) in views {
        assert!(pixels.as_i64().unwrap() <= 0, "{view} can be scrolled sideways by {pixels}");
    }
    assert_eq!(seen["lost"], "1,240 spans lost");
}

#[test]
fn page_of_a_server_with_a_token_asks_for_it_or_takes_it_from_the_address() {
    let server = Server::builder().token("pf_right").start().unwrap();
    let Some(seen) = play::<Value>("token", &server, &[]) else { return };
    assert!(!text(&seen, "welcome").contains("pf_right"), "the page does not give the token away");
    assert_eq!(seen["address"], "/", "the token leaves the address");
}
