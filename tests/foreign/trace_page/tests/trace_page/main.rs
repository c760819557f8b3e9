//! The trace page in a browser: what it shows, how it is used, and that recorded text stays text.

#[expect(clippy::unwrap_used, reason = "a helper of tests fails its test")]
mod run;

use std::process::{Command, Stdio};

use prefactor_foreign_support::{Folders, folders};
use prefactor_local::Server;
use serde::Deserialize;

use run::{AGENT, HOSTILE, SPANS};

const FOLDERS: Folders = folders!();

/// What the program in the browser saw.
#[derive(Deserialize)]
struct Seen {
    views: Vec<View>,
    /// In the order of the rows.
    spans: Vec<Detail>,
    live: Live,
    /// Errors, refusals by the page's policy, foreign requests, and elements made from recorded text.
    complaints: Vec<String>,
}

/// The page in one size and colour.
#[derive(Deserialize)]
struct View {
    name: String,
    /// Pixels by which the page can be scrolled sideways, scene by scene.
    overflow: Vec<i64>,
    runs: Vec<String>,
    background: String,
    rows: Vec<Row>,
    heading: String,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    label: String,
    left: f64,
    top: f64,
}

/// The panel of one span.
#[derive(Deserialize)]
struct Detail {
    text: String,
    /// The same, opened by its address.
    linked: String,
    /// The row that is marked then.
    current: String,
}

/// A run that happened while the page was open.
#[derive(Deserialize)]
struct Live {
    reason: String,
    loaded: String,
}

#[test]
fn the_page_shows_a_run_and_believes_none_of_it() {
    let Some(installed) = FOLDERS.install() else { return };
    let server = Server::start().unwrap();
    let id = run::record(&server);
    println!("screenshots: {}", FOLDERS.outputs);
    let seen = visit(&server, &id, &installed);
    assert_eq!(seen.complaints, [""; 0]);
    let names: Vec<_> = seen.views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["light", "dark", "phone"]);
    for view in &seen.views {
        assert_view(view);
    }
    assert_ne!(seen.views[0].background, seen.views[1].background, "light and dark");
    assert_details(&seen.spans);
    assert!(seen.live.reason.contains(HOSTILE), "{}", seen.live.reason);
    assert_eq!(seen.live.loaded, "once", "the page was updated, not loaded again");
}

#[expect(clippy::unwrap_used, reason = "a helper of tests fails its test")]
fn visit(server: &Server, id: &str, installed: &[String]) -> Seen {
    let output = Command::new("node")
        .arg(FOLDERS.source("page.mjs"))
        .envs([("MODULES", &installed[0]), ("CHROMIUM", &installed[1])])
        .envs([("PAGE_URL", server.url()), ("TOKEN", server.token()), ("RUN", id), ("HOSTILE", HOSTILE)])
        .env("SCREENSHOTS", FOLDERS.outputs)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {log}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_view(view: &View) {
    assert_eq!(view.runs.len(), 1);
    assert!(view.runs[0].contains(AGENT) && view.runs[0].contains("complete"), "{}", view.runs[0]);
    assert_eq!(view.heading, AGENT);
    assert!(view.overflow.iter().all(|pixels| *pixels <= 0), "{}: {:?}", view.name, view.overflow);
    assert_eq!(view.rows.len(), SPANS.len());
    for (row, span) in view.rows.iter().zip(&SPANS) {
        assert_eq!(row.name, span.schema_name);
        assert!(row.label.contains(span.schema_name) && row.label.contains(span.status), "{}", row.label);
    }
    for (row, below) in view.rows.iter().zip(&view.rows[1..]) {
        assert!(row.top < below.top, "{} lies above {}", row.name, below.name);
    }
    // One step to the right for each level, and all steps alike.
    let step = view.rows[1].left - view.rows[0].left;
    assert!(step >= 4.0, "{}: {step}", view.name);
    for (row, span) in view.rows.iter().zip(&SPANS) {
        let expected = view.rows[0].left + step * f64::from(span.depth);
        assert!(
            (row.left - expected).abs() < 1.0,
            "{}: {} at {}, not {expected}",
            view.name,
            row.name,
            row.left
        );
    }
}

fn assert_details(details: &[Detail]) {
    assert_eq!(details.len(), SPANS.len());
    for (detail, span) in details.iter().zip(&SPANS) {
        for text in span.shown.iter().copied().chain([span.schema_name, span.status]) {
            assert!(detail.text.contains(text), "{text} in {}", detail.text);
        }
        assert_eq!(detail.linked, detail.text, "{}", span.schema_name);
        assert!(detail.current.contains(span.schema_name), "{}", detail.current);
    }
}
