//! What may go wrong with a request.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;

use super::{answers, connection::Ending, gate::Gate};

/// One way for the exchange of a request and its answer to go wrong.
///
/// A fault takes the place of the request unless it is [`applied`](Self::applied): then what was asked for
/// takes effect first, and the fault concerns the answer only. Faults that change the true answer, or delay
/// it, are applied by their nature.
#[derive(Clone)]
#[must_use = "a fault happens by way of a rule"]
pub struct Fault {
    pub(super) before: Duration,
    pub(super) is_applied: bool,
    pub(super) has_server_made_ids: bool,
    pub(super) after: Duration,
    /// Holds back an answer that tells of a termination.
    pub(super) gate: Option<Gate>,
    pub(super) answer: Answer,
    pub(super) ending: Option<Ending>,
}

/// What is answered, where anything is.
#[derive(Clone)]
pub(super) enum Answer {
    /// What the server says.
    True,
    Changed(Arc<dyn Fn(&str) -> String + Send + Sync>),
    Scripted {
        status: u16,
        kind: &'static str,
        body: String,
        retry_after: Option<String>,
    },
}

impl Fault {
    const fn new(is_applied: bool, answer: Answer) -> Self {
        let (before, after) = (Duration::ZERO, Duration::ZERO);
        Self { before, is_applied, has_server_made_ids: false, after, gate: None, answer, ending: None }
    }

    /// No fault: for rules that let some requests pass.
    pub const fn none() -> Self {
        Self::new(true, Answer::True)
    }

    /// Answers with a status and an error envelope; nothing takes effect.
    pub fn status(status: u16) -> Self {
        let code = answers::code_of(status);
        let body = format!(r#"{{"status":"error","code":"{code}","message":"scripted"}}"#);
        Self::new(false, Answer::Scripted { status, kind: "application/json", body, retry_after: None })
    }

    /// Answers with a status and a body that is not the API's, such as HTML or nothing.
    pub fn body(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self::new(false, Answer::Scripted { status, kind, body: body.into(), retry_after: None })
    }

    /// Resets the connection instead of answering.
    pub const fn reset() -> Self {
        Self::new(false, Answer::True).ending(Ending::Reset)
    }

    /// Closes the connection instead of answering.
    pub const fn hang_up() -> Self {
        Self::new(false, Answer::True).ending(Ending::HangUp)
    }

    /// Answers with the true head and the first `bytes` of the body, then closes the connection.
    pub const fn cut(bytes: usize) -> Self {
        Self::none().ending(Ending::Cut(bytes))
    }

    /// Answers in full, then closes the connection without having announced it.
    pub const fn close_after() -> Self {
        Self::none().ending(Ending::CloseAfter)
    }

    /// Does what is asked at once, and answers later.
    pub const fn answered_after(delay: Duration) -> Self {
        let mut fault = Self::none();
        fault.after = delay;
        fault
    }

    /// Does what is asked at once. An answer that tells of a termination is held back until the gate is open.
    pub fn signal_held(gate: &Gate) -> Self {
        Self { gate: Some(gate.clone()), ..Self::none() }
    }

    /// Does and answers nothing for a while. What is asked takes effect then, even if nobody waits any more.
    pub const fn applied_after(delay: Duration) -> Self {
        let mut fault = Self::none();
        fault.before = delay;
        fault
    }

    /// Answers with a changed text of the true answer.
    pub fn changed(change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(true, Answer::Changed(Arc::new(change)))
    }

    /// Leaves outputs out of a bulk answer: those for which `is_kept` is false, told by their place.
    pub fn without_outputs(is_kept: impl Fn(usize) -> bool + Send + Sync + 'static) -> Self {
        Self::changed(move |text| answers::without_outputs(text, &is_kept))
    }

    /// Adds outputs that nobody asked for, and says each true one a second time as an error before it is said.
    pub fn with_strange_outputs() -> Self {
        Self::changed(answers::with_strange_outputs)
    }

    /// Says `control` beside the details of each span: of the single answer, or of each output.
    pub fn control(control: Value) -> Self {
        Self::changed(move |text| answers::with_control(text, &control))
    }

    /// Says `control` at the top of the answer, also of a bulk answer.
    pub fn control_at_top(control: Value) -> Self {
        Self::changed(move |text| answers::with_control_at_top(text, &control))
    }

    /// Ignores the identifiers that the client has chosen for its spans, and makes others.
    pub const fn server_made_ids() -> Self {
        let mut fault = Self::none();
        fault.has_server_made_ids = true;
        fault
    }

    /// Lets what was asked take effect before the fault happens.
    pub const fn applied(mut self) -> Self {
        self.is_applied = true;
        self
    }

    /// Adds a `Retry-After` header, with any text, to a scripted answer.
    pub fn retry_after(mut self, text: impl Into<String>) -> Self {
        if let Answer::Scripted { retry_after, .. } = &mut self.answer {
            *retry_after = Some(text.into());
        }
        self
    }

    const fn ending(mut self, ending: Ending) -> Self {
        self.ending = Some(ending);
        self
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = match &self.answer {
            Answer::True => "true".to_owned(),
            Answer::Changed(_) => "changed".to_owned(),
            Answer::Scripted { status, .. } => status.to_string(),
        };
        f.debug_struct("Fault")
            .field("is_applied", &self.is_applied)
            .field("answer", &answer)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}
