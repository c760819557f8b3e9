//! The ways in which a request and its answer can go wrong.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;

use super::{answers, connection::Ending, gate::Gate};

/// One way in which the exchange of a request and its answer goes wrong.
///
/// A fault takes the place of the request unless it is [`applied`](Self::applied): the request then takes effect first, and the
/// fault concerns the answer only. Faults that change or delay the server's own answer are always applied.
///
/// # Examples
///
/// ```
/// use prefactor_local::oracle::{Fault, Oracle};
///
/// let oracle = Oracle::new();
/// oracle.next(1, Fault::status(503).retry_after("2"));
/// ```
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

/// The answer that the client gets.
#[derive(Clone)]
pub(super) enum Answer {
    /// The server's own.
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

    /// Makes no fault: for rules that let some requests pass.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle, Rule};
    ///
    /// let oracle = Oracle::new();
    /// oracle.inject(Rule::new(Fault::none()).path("/bulk").times(1));
    /// // Every request fails but the first bulk request.
    /// oracle.inject(Rule::new(Fault::status(500)));
    /// ```
    pub const fn none() -> Self {
        Self::new(true, Answer::True)
    }

    /// Answers with a status and an error envelope; nothing takes effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::{Fault, Oracle}};
    ///
    /// # fn main() -> Result<(), prefactor_local::Error> {
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// oracle.next(1, Fault::status(503));
    /// let answer = ureq::get(format!("{}/api/v1/agent", server.url())).call();
    /// assert!(matches!(answer, Err(ureq::Error::StatusCode(503))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(status: u16) -> Self {
        let code = answers::code_of(status);
        let body = format!(r#"{{"status":"error","code":"{code}","message":"scripted"}}"#);
        Self::new(false, Answer::Scripted { status, kind: "application/json", body, retry_after: None })
    }

    /// Answers with a status and a body that is not the API's, such as HTML or nothing; nothing takes effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::body(502, "text/html", "<h1>Bad Gateway</h1>"));
    /// ```
    pub fn body(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self::new(false, Answer::Scripted { status, kind, body: body.into(), retry_after: None })
    }

    /// Resets the connection instead of answering.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::reset());
    /// ```
    pub const fn reset() -> Self {
        Self::new(false, Answer::True).ending(Ending::Reset)
    }

    /// Closes the connection instead of answering.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::hang_up());
    /// ```
    pub const fn hang_up() -> Self {
        Self::new(false, Answer::True).ending(Ending::HangUp)
    }

    /// Answers with the server's head and the first `bytes` bytes of its body, then closes the connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::cut(5));
    /// ```
    pub const fn cut(bytes: usize) -> Self {
        Self::none().ending(Ending::Cut(bytes))
    }

    /// Answers in full, then closes the connection without having announced it.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::close_after());
    /// ```
    pub const fn close_after() -> Self {
        Self::none().ending(Ending::CloseAfter)
    }

    /// Applies the request at once, and answers after `delay`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::answered_after(Duration::from_millis(200)));
    /// ```
    pub const fn answered_after(delay: Duration) -> Self {
        let mut fault = Self::none();
        fault.after = delay;
        fault
    }

    /// Applies the request at once, and holds back an answer that tells of a termination until the gate is open.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Gate, Oracle, Rule};
    ///
    /// let (oracle, gate) = (Oracle::new(), Gate::new());
    /// oracle.inject(Rule::new(Fault::signal_held(&gate)));
    /// // … let the client under test send spans of a run that is terminated …
    /// gate.open();
    /// ```
    pub fn signal_held(gate: &Gate) -> Self {
        Self { gate: Some(gate.clone()), ..Self::none() }
    }

    /// Waits for `delay`, then applies the request and answers, even if the client has left.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::applied_after(Duration::from_millis(200)));
    /// ```
    pub const fn applied_after(delay: Duration) -> Self {
        let mut fault = Self::none();
        fault.before = delay;
        fault
    }

    /// Answers with the text that `change` makes of the server's answer.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::changed(|text| text.replace("success", "succes")));
    /// ```
    pub fn changed(change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::new(true, Answer::Changed(Arc::new(change)))
    }

    /// Leaves outputs out of a bulk answer: those for whose index, from 0, `is_kept` returns false.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::without_outputs(|index| index != 1));
    /// ```
    pub fn without_outputs(is_kept: impl Fn(usize) -> bool + Send + Sync + 'static) -> Self {
        Self::changed(move |text| answers::without_outputs(text, &is_kept))
    }

    /// Adds an output under an unknown key to a bulk answer, and an error before each true output, under the same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::with_strange_outputs());
    /// ```
    pub fn with_strange_outputs() -> Self {
        Self::changed(answers::with_strange_outputs)
    }

    /// Adds `control` beside the details of each span: in the single answer, or in each output of a bulk answer.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::control(json!({"terminate": true})));
    /// ```
    pub fn control(control: Value) -> Self {
        Self::changed(move |text| answers::with_control(text, &control))
    }

    /// Adds `control` at the top of the answer, also of a bulk answer.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::control_at_top(json!({"terminate": true})));
    /// ```
    pub fn control_at_top(control: Value) -> Self {
        Self::changed(move |text| answers::with_control_at_top(text, &control))
    }

    /// Ignores the identifiers that the client has chosen for its spans, and makes others.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::server_made_ids());
    /// ```
    pub const fn server_made_ids() -> Self {
        let mut fault = Self::none();
        fault.has_server_made_ids = true;
        fault
    }

    /// Applies the request before the fault happens: the client cannot know that it took effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::reset().applied());
    /// ```
    pub const fn applied(mut self) -> Self {
        self.is_applied = true;
        self
    }

    /// Adds the header `Retry-After`, with any text, to an answer made by [`status`](Self::status) or [`body`](Self::body).
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::oracle::{Fault, Oracle};
    ///
    /// let oracle = Oracle::new();
    /// oracle.next(1, Fault::status(429).retry_after("3600"));
    /// ```
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
