//! Sends requests until there is an answer: the API's success, its refusal, or none after some tries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use crate::api::answer::{Answer, Judged, judge};
use crate::api::call::Call;
use crate::config::settings::Identity;
use crate::platform::backoff::Backoff;
use crate::platform::random;
use crate::transport::{Method, Transport};
use crate::types::error::Error;
use crate::wire::classify::RetryCause;

/// The first try, and three more.
const MAX_ATTEMPTS: u32 = 4;
/// The longest pause that is waited for in the program's own time; of a longer one the error tells.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The way to the API, shared by all parts of a client.
pub(crate) struct Connection {
    transport: Arc<dyn Transport>,
    pub(super) identity: Identity,
}

impl Connection {
    pub(super) fn new(transport: Arc<dyn Transport>, identity: Identity) -> Self {
        Self { transport, identity }
    }

    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Error> {
        if Handle::try_current().is_err() {
            return Err(Error::configuration(
                "the typed client works within a tokio runtime: call it from #[tokio::main], or from Runtime::block_on",
            ));
        }
        let mut backoff = Backoff::default();
        let mut attempt = 1;
        loop {
            let result = self.transport.send(call.request()).await;
            let (cause, after) = match judge(&result, call.what, call.is_document) {
                Judged::Success(answer) => return Ok(answer),
                // An earlier attempt has deleted the object, but its answer was lost.
                Judged::Refused(error) if attempt > 1 && is_gone(call, &error) => {
                    return Ok(Answer::empty(call.what));
                }
                Judged::Refused(error) => return Err(error),
                Judged::Retry { cause, after } => (cause, after),
            };
            if matches!(cause, RetryCause::Odd { .. }) {
                self.transport.reset();
            }
            let now = Instant::now();
            backoff.failure(backoff.epoch(), now, after, random::fraction());
            let pause = backoff.paused_until().map(|until| until.saturating_duration_since(now));
            let pause = pause.unwrap_or_default();
            if attempt == MAX_ATTEMPTS || pause > LONGEST_PAUSE || !call.may_be_repeated(&cause) {
                let error = Error::unavailable(call.what, &cause.to_string(), after);
                return Err(match result {
                    Err(source) => error.caused_by(source),
                    Ok(_) => error,
                });
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

fn is_gone(call: &Call, error: &Error) -> bool {
    call.method == Method::Delete && error.is_not_found()
}

impl Connection {
    /// Sends a request whose answer is an object.
    pub(super) async fn details<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        self.send(&call).await?.details()
    }

    /// Sends a request whose answer says nothing but that it is done.
    pub(super) async fn done(&self, call: Call) -> Result<(), Error> {
        self.send(&call).await.map(drop)
    }
}
