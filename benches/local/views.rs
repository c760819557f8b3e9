//! The views of the page over a file with a million spans: each must answer within 200 ms.

use std::time::Instant;

use anyhow::{Context as _, Result};
use prefactor_local::Server;

use crate::{
    Size,
    client::Client,
    ingest::{BULK, Folder, until_indexed},
    spans::Source,
    table::{Bar, Must},
};

const TIMES: usize = 20;
const SMALL: usize = 100;

pub(crate) fn measure(size: Size) -> Result<Vec<Bar>> {
    let folder = Folder::new("local-views")?;
    let server = Server::builder().database(folder.database()).start()?;
    let (mut client, mut source) = (Client::to(&server)?, Source::new());
    let largest = source.run(&mut client)?;
    let mut left = size.largest;
    while left > 0 {
        let count = left.min(BULK);
        client.post("bulk", &source.bulk(&largest, count))?;
        left -= count;
    }
    let mut small = String::new();
    for _ in 0..(size.stored - size.largest) / SMALL {
        small = source.run(&mut client)?;
        client.post("bulk", &source.bulk(&small, SMALL))?;
        client.post(&format!("agent_instance/{small}/finish"), "{}")?;
    }
    until_indexed(&folder.database())?;
    let spans = client.get(&format!("/page/runs/{small}/spans"))?;
    let span = spans.split('"').find(|text| text.len() == 32).context("a run has spans")?;
    let mut bars = vec![registration(&mut client, &mut source)?];
    for (what, path) in [
        ("list of runs".to_owned(), "/page/runs".to_owned()),
        (
            "list of runs, its last page".to_owned(),
            format!("/page/runs?offset={}", (size.stored - size.largest) / SMALL),
        ),
        ("runs with a word".to_owned(), "/page/runs?q=agent".to_owned()),
        ("runs with errors".to_owned(), "/page/runs?errors=1".to_owned()),
        (format!("rows of a run of {} spans", size.largest), format!("/page/runs/{largest}/spans")),
        ("words within the largest run".to_owned(), format!("/page/runs/{largest}/search?q=agent")),
        (
            "last page of the list".to_owned(),
            format!("/page/runs?offset={}", ((size.stored - size.largest) / SMALL).saturating_sub(50)),
        ),
        ("runs of one agent with errors".to_owned(), "/page/runs?agent=bench&errors=1&time=1h".to_owned()),
        ("search for a word of every span".to_owned(), "/page/runs?q=llm".to_owned()),
        ("search for a word of no span".to_owned(), "/page/runs?q=nowhere".to_owned()),
        ("search for an identifier".to_owned(), format!("/page/runs?q={small}")),
        ("search for a span's W3C id".to_owned(), "/page/runs?q=0123456789abcdef".to_owned()),
        ("the panel of a span".to_owned(), format!("/page/spans/{span}")),
        ("the price table".to_owned(), "/page/prices".to_owned()),
        ("runs of one tag".to_owned(), "/page/runs?tag=none".to_owned()),
        ("runs of one status".to_owned(), "/page/runs?status=complete".to_owned()),
        ("a run of 100 spans".to_owned(), format!("/page/runs/{small}/spans")),
        (format!("a run of {} spans", size.largest), format!("/page/runs/{largest}")),
        ("its first part".to_owned(), format!("/page/runs/{largest}/spans")),
        ("a part of its middle".to_owned(), format!("/page/runs/{largest}/spans?after={}", size.largest / 2)),
        ("search within it".to_owned(), format!("/page/runs/{largest}/search?q=llm")),
    ] {
        bars.push(view(&mut client, &what, &path)?);
    }
    Ok(bars)
}

/// A request that is no view, and must stay fast on a large file too.
fn registration(client: &mut Client, source: &mut Source) -> Result<Bar> {
    let mut slowest = 0.0_f64;
    for _ in 0..TIMES {
        let started = Instant::now();
        source.run(client)?;
        slowest = slowest.max(started.elapsed().as_secs_f64());
    }
    Ok(Bar {
        number: "V",
        what: format!("a run registered and started, slowest of {TIMES}"),
        value: 1e3 * slowest,
        unit: "ms",
        must: Must::AtMost(200.0),
        goal: None,
    })
}

/// Returns the slowest of a few answers.
fn view(client: &mut Client, what: &str, path: &str) -> Result<Bar> {
    let mut slowest = 0.0_f64;
    for _ in 0..TIMES {
        let started = Instant::now();
        client.get(path)?;
        slowest = slowest.max(started.elapsed().as_secs_f64());
    }
    Ok(Bar {
        number: "V",
        what: format!("{what}, slowest of {TIMES}"),
        value: 1e3 * slowest,
        unit: "ms",
        must: Must::AtMost(200.0),
        goal: None,
    })
}
