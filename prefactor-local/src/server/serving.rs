//! The thread of a server: it serves requests, ends silent runs and deletes old ones until the server is stopped.

use std::{
    io,
    net::TcpListener,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime,
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};

#[cfg(feature = "oracle")]
use crate::oracle::{self, Observer};
use crate::{
    app::App,
    connections::{self, Limits, Plain},
    routes,
    signal::Signals,
    store::{Retention, Silence},
};

/// The default times after which a silent run is marked and ended.
pub(super) const SILENCE: Silence =
    Silence { mark_after: Duration::from_secs(10 * 60), end_after: Duration::from_secs(24 * 60 * 60) };

/// The shortest and the longest time between two searches for silent runs.
const SILENCE_SEARCH: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(30));

/// The time between two searches for runs to delete.
const RETENTION_SEARCH: Duration = Duration::from_secs(5);

/// How long answers under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_millis(500);

/// The settings of the thread.
pub(super) struct Serving {
    pub(super) limits: Limits,
    pub(super) retention: Retention,
    pub(super) silence: Silence,
    #[cfg(feature = "oracle")]
    pub(super) observer: Option<Observer>,
}

/// How the owner asks the thread to end.
pub(super) enum Stop {
    Now,
    /// When the process is asked to end. The thread sends on the channel once it listens for the signals.
    OnSignal(mpsc::Sender<()>),
}

/// Starts the thread, with a runtime of its own.
pub(super) fn spawn(
    listener: TcpListener,
    app: Arc<App>,
    serving: Serving,
    stopped: oneshot::Receiver<Stop>,
) -> io::Result<JoinHandle<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("prefactor-local".to_owned()).spawn(move || {
        runtime.block_on(async {
            let silence = tokio::spawn(end_silent_runs(Arc::clone(&app), serving.silence));
            let retention = tokio::spawn(delete_old_runs(Arc::clone(&app), serving.retention));
            serve(listener, app, serving, stopped).await;
            silence.abort();
            retention.abort();
        });
        runtime.shutdown_timeout(GRACE);
    })
}

/// Marks and ends silent runs, again and again.
async fn end_silent_runs(app: Arc<App>, silence: Silence) {
    let (least, most) = SILENCE_SEARCH;
    let mut searches = interval((silence.mark_after / 4).clamp(least, most));
    searches.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        searches.tick().await;
        let _ = app.store.write(0, move |work| work.end_silent_runs(silence)).await;
    }
}

/// Deletes old runs, again and again. Each write is small, so that requests are served in between.
async fn delete_old_runs(app: Arc<App>, retention: Retention) {
    if retention.age.is_none() && retention.bytes.is_none() {
        return;
    }
    let mut searches = interval(RETENTION_SEARCH);
    searches.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        searches.tick().await;
        let mut has_deleted = false;
        while let Ok(true) = app.store.write(0, move |work| work.delete_old_runs(retention)).await {
            has_deleted = true;
        }
        if !has_deleted {
            continue;
        }
        let mut after = i64::MIN;
        while let Ok(Some(last)) = app.store.write(0, move |work| work.forget_keys(after)).await {
            after = last;
        }
        let mut has_more = true;
        while has_more {
            has_more =
                app.store.write(0, move |work| Ok(has_more && work.shrink_file()?)).await.unwrap_or(false);
        }
    }
}

/// Serves until told to stop; answers under way get [`GRACE`], idle connections are closed at once.
async fn serve(listener: TcpListener, app: Arc<App>, serving: Serving, stopped: oneshot::Receiver<Stop>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let router = routes::router(app);
    let stopped = stop_requested(stopped);
    #[cfg(feature = "oracle")]
    if let Some(observer) = serving.observer {
        let router = oracle::observed(router, observer);
        connections::serve::<oracle::Intercepted>(listener, router, serving.limits, stopped, GRACE).await;
        return;
    }
    connections::serve::<Plain>(listener, router, serving.limits, stopped, GRACE).await;
}

/// Waits until the owner stops the server, or until the process is asked to end if the owner waits for that.
async fn stop_requested(stopped: oneshot::Receiver<Stop>) {
    if let Ok(Stop::OnSignal(listening)) = stopped.await {
        let signals = Signals::install();
        let _ = listening.send(());
        match signals {
            Ok(signals) => signals.received().await,
            Err(_) => std::future::pending().await,
        }
    }
}
