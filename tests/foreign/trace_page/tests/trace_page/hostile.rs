//! A run whose every part attacks the program that shows it.

use prefactor_local::Server;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    play,
    run::{self, AGENT, HOSTILE, SPANS},
};

/// The report of the program in the browser.
#[derive(Deserialize)]
struct Seen {
    views: Vec<View>,
    /// In the order of the rows.
    spans: Vec<Detail>,
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

#[test]
fn hostile_run_stays_text_in_every_view() {
    let server = Server::start().unwrap();
    let id = run::record(&server);
    let Some(seen) = play::<Seen>("hostile", &server, &[("RUN", &id)]) else { return };
    let names: Vec<_> = seen.views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["light", "dark", "phone"]);
    for view in &seen.views {
        assert_view(view);
    }
    assert_ne!(seen.views[0].background, seen.views[1].background, "light and dark");
    assert_details(&seen.spans);
}

/// The scene itself reports scripts, elements and requests that came from recorded text.
#[test]
fn hostile_text_in_every_other_place_stays_text_in_every_view() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("hostile_parts", &server, &[("HOSTILE", HOSTILE)]) else { return };
    for (view, pixels) in seen["overflow"].as_object().unwrap() {
        assert!(pixels.as_i64().unwrap() <= 0, "{view} can be scrolled sideways by {pixels}");
    }
    let shown = seen["shown"].as_array().unwrap();
    assert!(shown.iter().all(|times| times.as_u64().unwrap() >= 5), "the panel shows it all: {shown:?}");
}

#[test]
fn page_of_another_site_reaches_nothing_from_its_origin_nor_by_a_rebound_name() {
    let server = Server::start().unwrap();
    let Some(seen) = play::<Value>("other_site", &server, &[]) else { return };
    let attacked = json!({
        "data": "TypeError",
        "opaque": "TypeError", // the answer's resource policy
        "cookies": "TypeError",
        "token": "TypeError",
        "plain": "TypeError",
        "json": "TypeError",
        "script": "refused",
        "image": "refused",
        "events": "refused",
    });
    let renamed = json!({ "page": 403, "data": 403, "file": 403, "api": 403, "end": 403, "endByApi": 403 });
    assert_eq!(
        seen,
        json!({ "attacked": attacked, "framed": false, "renamed": renamed, "status": "active" })
    );
}

fn assert_view(view: &View) {
    assert_eq!(view.runs.len(), 1);
    assert!(view.runs[0].contains(AGENT) && view.runs[0].contains("complete"), "{}", view.runs[0]);
    assert!(view.heading.starts_with(&HOSTILE[..100]), "{}", view.heading);
    assert!(view.overflow.iter().all(|pixels| *pixels <= 0), "{}: {:?}", view.name, view.overflow);
    assert_eq!(view.rows.len(), SPANS.len());
    for (row, span) in view.rows.iter().zip(&SPANS) {
        assert_eq!(row.name, span.schema_name);
        assert!(row.label.contains(span.schema_name) && row.label.contains(span.status), "{}", row.label);
    }
    for (row, below) in view.rows.iter().zip(&view.rows[1..]) {
        assert!(row.top < below.top, "{} lies above {}", row.name, below.name);
    }
    let step = view.rows[1].left - view.rows[0].left;
    assert!(step >= 4.0, "{}: {step}", view.name);
    for (row, span) in view.rows.iter().zip(&SPANS) {
        let expected = view.rows[0].left + step * f64::from(span.depth);
        let difference = (row.left - expected).abs();
        assert!(difference < 1.0, "{}: {} at {}, not {expected}", view.name, row.name, row.left);
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
