//! Targets L1, L2 and L3: spans into a file.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use prefactor_local::Server;
use rusqlite::Connection;

use crate::{
    Size,
    client::Client,
    spans::Source,
    table::{Bar, Must},
};

/// Spans in one bulk request, and connections of the single requests.
pub(crate) const BULK: usize = 500;
const CONNECTIONS: usize = 32;

/// A folder that is removed with its databases.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("spans.db")
    }

    /// Returns the size of the database on the disk, with its log.
    pub(crate) fn bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for entry in fs::read_dir(&self.0)? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// L1 and L3: one agent sends finished spans by `/bulk`, one request at a time.
pub(crate) fn bulk(size: Size) -> Result<Vec<Bar>> {
    let folder = Folder::new("local-bulk")?;
    let server = Server::builder().database(folder.database()).start()?;
    let (mut client, mut source) = (Client::to(&server)?, Source::new());
    let run = source.run(&mut client)?;
    let requests: Vec<_> = (0..size.spans / BULK.min(size.spans))
        .map(|_| client.request("bulk", &source.bulk(&run, BULK.min(size.spans))))
        .collect();
    let started = Instant::now();
    for request in &requests {
        client.send(request)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = number(size.spans)? / seconds;
    until_indexed(&folder.database())?;
    server.stop();
    let bytes = number(usize::try_from(folder.bytes()?)?)? / number(size.spans)?;
    Ok(vec![
        Bar {
            number: "L1",
            what: format!("{} spans of 256 B + 256 B by /bulk of {BULK}, one in flight", size.spans),
            value: rate,
            unit: "spans/s",
            must: Must::AtLeast(20_000.0),
            goal: Some(Must::AtLeast(50_000.0)),
        },
        Bar {
            number: "L3",
            what: "its file, text index included".to_owned(),
            value: bytes,
            unit: "B/span",
            must: Must::AtMost(1536.0),
            goal: Some(Must::AtMost(1024.0)),
        },
    ])
}

/// L2: single creates and finishes over many connections at once.
pub(crate) fn single(size: Size) -> Result<Vec<Bar>> {
    let folder = Folder::new("local-single")?;
    let server = Server::builder().database(folder.database()).start()?;
    let mut source = Source::new();
    let run = source.run(&mut Client::to(&server)?)?;
    let each = (size.spans / 2 / CONNECTIONS).max(1);
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = Client::to(&server)?;
        let mut requests = Vec::with_capacity(2 * each);
        for _ in 0..each {
            let (id, create, finish) = source.pair(&run);
            requests.push(client.request("agent_spans", &create));
            requests.push(client.request(&format!("agent_spans/{id}/finish"), &finish));
        }
        clients.push((client, requests));
    }
    let started = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter_mut()
            .map(|(client, requests)| {
                scope.spawn(|| requests.iter().try_for_each(|request| client.send(request).map(drop)))
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    let rate = number(2 * each * CONNECTIONS)? / started.elapsed().as_secs_f64();
    Ok(vec![Bar {
        number: "L2",
        what: format!("single creates and finishes, {CONNECTIONS} connections"),
        value: rate,
        unit: "requests/s",
        must: Must::AtLeast(8_000.0),
        goal: None,
    }])
}

/// Waits until the words of all spans are in the text index, which is a part of the file.
pub(crate) fn until_indexed(database: &Path) -> Result<()> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let waiting = "SELECT EXISTS (SELECT 1 FROM span_text_pending)";
    while connection.query_row(waiting, (), |row| row.get(0))? {
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

pub(crate) fn number(count: usize) -> Result<f64> {
    Ok(f64::from(u32::try_from(count).context("a count that fits")?))
}
