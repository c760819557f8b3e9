//! Server-sent events: they name changed runs and spans to the page, several in one event.

use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::{Stream, unfold};
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::sleep,
};

use super::super::query::Query;
use crate::{app::App, error_response::ErrorResponse, store::Change};

/// The time for which changes are collected into one event.
const TOGETHER: Duration = Duration::from_millis(100);
/// The time between comments, which keep proxies and the browser from closing a quiet stream.
const QUIET: Duration = Duration::from_secs(15);
/// The greatest number of spans in one event.
const SPANS: usize = 500;

/// One page that listens for changes.
struct Listener {
    app: Arc<App>,
    changes: Receiver<Change>,
    /// The run that the page shows; `None` for the list of runs.
    run: Option<String>,
    ready: VecDeque<Event>,
}

/// The changes since the last event.
#[derive(Default)]
struct Gathered {
    runs: BTreeSet<Arc<str>>,
    spans: BTreeSet<i64>,
    /// Changes came faster than events could carry them: the page has to read all data again.
    has_missed: bool,
}

/// Streams the events. `runs` names the changed runs. With `run=ID` in the query, `run` and `spans` bring that run and
/// its changed rows instead. `missed` tells the page to read all data again.
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    query: Query,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = app.store.changes();
    let listener = Listener { app, changes, run: query.text("run"), ready: VecDeque::new() };
    let events = unfold(listener, |mut listener| async move {
        while listener.ready.is_empty() {
            let gathered = listener.gather().await?;
            let events = listener.tell(gathered).await.unwrap_or_default();
            listener.ready.extend(events);
        }
        let event = listener.ready.pop_front()?;
        Some((Ok(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(QUIET))
}

impl Listener {
    /// Waits for a change that the page shows, and a little for those that come with it.
    async fn gather(&mut self) -> Option<Gathered> {
        let mut gathered = Gathered::default();
        loop {
            let change = self.changes.recv().await.map_err(|error| match error {
                RecvError::Closed => TryRecvError::Closed,
                RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
            });
            if !self.add(&mut gathered, change)? {
                continue;
            }
            sleep(TOGETHER).await;
            loop {
                match self.changes.try_recv() {
                    Err(TryRecvError::Empty) => return Some(gathered),
                    change => self.add(&mut gathered, change)?,
                };
            }
        }
    }

    /// Whether the page shows the changed object; `None` when the server ends.
    fn add(&self, gathered: &mut Gathered, change: Result<Change, TryRecvError>) -> Option<bool> {
        match change {
            Ok(Change { instance, span }) => {
                let is_wanted = self.run.as_deref().is_none_or(|run| run == &*instance);
                if is_wanted {
                    gathered.spans.extend(span.filter(|_| self.run.is_some()));
                    gathered.runs.insert(instance);
                }
                Some(is_wanted)
            }
            Err(TryRecvError::Lagged(_)) => {
                gathered.has_missed = true;
                Some(true)
            }
            Err(TryRecvError::Empty) => Some(false),
            Err(TryRecvError::Closed) => None,
        }
    }

    async fn tell(&self, gathered: Gathered) -> Result<Vec<Event>, ErrorResponse> {
        let Gathered { runs, spans, has_missed } = gathered;
        if has_missed {
            return Ok(vec![Event::default().event("missed").data("{}")]);
        }
        let Some(run) = self.run.clone() else {
            let runs: Vec<_> = runs.iter().map(|run| &**run).collect();
            return Ok(vec![Event::default().event("runs").data(serde_json::to_string(&runs)?)]);
        };
        let spans: Vec<_> = spans.into_iter().collect();
        let texts = self.app.store.read(move |reader| {
            let mut texts = vec![("run", reader.run_now(&run)?)];
            for part in spans.chunks(SPANS) {
                texts.push(("spans", serde_json::to_string(&reader.span_rows_of(&run, part)?)?));
            }
            Ok(texts)
        });
        Ok(texts.await?.into_iter().map(|(name, text)| Event::default().event(name).data(text)).collect())
    }
}
