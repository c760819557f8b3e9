//! A transport that keeps each request and accepts it.

use std::sync::{Arc, Mutex};

use prefactor::transport::{Request, Response, SendFuture, Transport};
use tokio::sync::Semaphore;

#[derive(Clone)]
pub(crate) struct Recorder {
    requests: Arc<Mutex<Vec<Request>>>,
    gate: Arc<Semaphore>,
    takes_bulk: bool,
    /// Answers in place of the API, unless it returns `None`.
    answers: Option<Arc<dyn Fn(&Request) -> Option<Response> + Send + Sync>>,
}

impl Recorder {
    /// Makes one that answers at once.
    pub(crate) fn new() -> Self {
        let recorder = Self::holding();
        recorder.release();
        recorder
    }

    /// Makes one that answers nothing until it is released.
    pub(crate) fn holding() -> Self {
        Self { requests: Arc::default(), gate: Arc::new(Semaphore::new(0)), takes_bulk: false, answers: None }
    }

    /// Makes one that takes bulk requests like the API.
    pub(crate) fn with_bulk(mut self) -> Self {
        self.takes_bulk = true;
        self
    }

    /// Makes one that takes bulk requests, and answers by a rule.
    pub(crate) fn answering(answers: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static) -> Self {
        let recorder = Self::new().with_bulk();
        Self { answers: Some(Arc::new(answers)), ..recorder }
    }

    pub(crate) fn release(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> SendFuture<'_> {
        self.requests.lock().unwrap().push(request.clone());
        let told = self.answers.as_ref().and_then(|answers| answers(&request));
        let answer = if let Some(told) = told {
            told
        } else if request.path.ends_with("/bulk") && !self.takes_bulk {
            Response::new(404, r#"{"status":"error","code":"not_found","message":"no such path"}"#)
        } else {
            Response::accepting(&request)
        };
        Box::pin(async move {
            let _permit = self.gate.acquire().await.unwrap();
            Ok(answer)
        })
    }
}
