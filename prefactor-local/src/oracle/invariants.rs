//! The invariants of every client, whatever faults its requests meet.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    fmt,
};

use super::{item::Kind, ledger::Ledger, request::Effect};

/// The type of spans by which a client says that others of the run are missing. The program did not make them.
const NOTICE: &str = "prefactor:lost";

/// The sums over a ledger that keeps the invariants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Spans of the program that were created.
    pub spans: usize,
    /// Those whose end was accepted, with their creation or after it.
    pub finished: usize,
    /// Spans of the type `prefactor:lost`, by which a client says that others are missing. No other sum has them.
    pub notices: usize,
    /// Agent instances that were registered.
    pub instances: usize,
    /// Actions that arrived again.
    pub resent: usize,
    /// Requests that arrived in full.
    pub requests: usize,
}

/// How a client broke an invariant: the first way that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(String);

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Breach {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
}

impl Ledger {
    /// Checks the invariants of all effects, and adds the effects up.
    ///
    /// - Once: a span is created by one effect and finished by at most one, a create in a final status included. An action that
    ///   is sent again is the same action with the same bytes.
    /// - In order: a span is created before it is finished, and after its parent.
    ///
    /// # Errors
    ///
    /// When an invariant does not hold; the error names it and the span.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::Oracle};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let oracle = Oracle::new();
    /// let server = Server::builder().oracle(&oracle).start()?;
    /// // A client registers a run, and sends the request once more.
    /// # for _ in 0..2 {
    /// #     ureq::post(format!("{}/api/v1/agent_instance/register", server.url()))
    /// #         .header("Authorization", format!("Bearer {}", server.token()))
    /// #         .header("Content-Type", "application/json")
    /// #         .send(r#"{"agent_version": {"name": "demo"}, "idempotency_key": "register-1"}"#)?;
    /// # }
    /// let ledger = oracle.ledger();
    /// let tally = ledger.check()?;
    /// assert_eq!((tally.instances, tally.resent), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn check(&self) -> Result<Tally, Breach> {
        if let Some(difference) = self.differences.first() {
            return Err(Breach(difference.clone()));
        }
        let mut spans: HashMap<&str, State> = HashMap::new();
        for effect in self.effects() {
            follow(&mut spans, effect)?;
        }
        let is_notice = |effect: &&Effect| effect.schema_name.as_deref() == Some(NOTICE);
        let notices: HashSet<_> = self.effects().iter().filter(is_notice).map(|effect| &*effect.id).collect();
        spans.retain(|id, _| !notices.contains(id));
        Ok(Tally {
            spans: spans.len(),
            finished: spans.values().filter(|state| **state == State::Finished).count(),
            notices: notices.len(),
            instances: self.count(Kind::Register),
            resent: self.resends().map(|(_, times)| times - 1).sum(),
            requests: self.requests().len(),
        })
    }
}

fn follow<'a>(spans: &mut HashMap<&'a str, State>, effect: &'a Effect) -> Result<(), Breach> {
    let id = effect.id.as_str();
    let breach = |what: &str| Err(Breach(format!("the span {id} {what}: {effect:?}")));
    match effect.kind {
        Kind::CreateSpan => {
            if effect.parent.as_deref().is_some_and(|parent| !spans.contains_key(parent)) {
                return breach("was created before its parent");
            }
            let is_final = !matches!(effect.status.as_deref(), Some("active" | "pending"));
            if spans.insert(id, if is_final { State::Finished } else { State::Open }).is_some() {
                return breach("was created twice");
            }
        }
        Kind::FinishSpan => match spans.insert(id, State::Finished) {
            Some(State::Open) => {}
            Some(State::Finished) => return breach("was finished twice"),
            None => return breach("was finished before it was created"),
        },
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::item::Item, *};

    /// A ledger in which all of these were accepted, each with a key of its own.
    fn ledger(actions: &[(&str, &str)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (path, body) in actions {
            for item in Item::all(path, body) {
                ledger.accepted(0, &item, None);
            }
        }
        ledger
    }

    const PARENT: (&str, &str) = ("/agent_spans", r#"{"details":{"id":"p","status":"active"}}"#);
    const CHILD: (&str, &str) =
        ("/agent_spans", r#"{"details":{"id":"c","parent_span_id":"p","status":"complete"}}"#);
    const END: (&str, &str) = ("/agent_spans/p/finish", r#"{"status":"complete"}"#);

    #[test]
    fn check_of_a_run_in_order_adds_its_spans_up() {
        let tally = ledger(&[PARENT, CHILD]).check().map(|tally| (tally.spans, tally.finished));
        assert_eq!(tally, Ok((2, 1)));
        let tally = ledger(&[PARENT, CHILD, END]).check().map(|tally| (tally.spans, tally.finished));
        assert_eq!(tally, Ok((2, 2)));
    }

    #[test]
    fn span_that_reports_lost_ones_is_counted_apart() {
        let notice = r#"{"details":{"id":"n","schema_name":"prefactor:lost","status":"complete"}}"#;
        let tally = ledger(&[PARENT, ("/agent_spans", notice)]).check();
        let tally = tally.map(|tally| (tally.spans, tally.finished, tally.notices));
        assert_eq!(tally, Ok((1, 0, 1)));
    }

    #[test]
    fn effect_twice_or_too_early_is_a_breach() {
        for (actions, word) in [
            (&[PARENT, PARENT][..], "the span p was created twice"),
            (&[PARENT, END, END], "the span p was finished twice"),
            (&[PARENT, CHILD, ("/agent_spans/c/finish", "{}")], "the span c was finished twice"),
            (&[END, PARENT], "the span p was finished before it was created"),
            (&[CHILD, PARENT], "the span c was created before its parent"),
        ] {
            let breach = ledger(actions).check().map_err(|breach| breach.to_string());
            assert!(breach.as_ref().is_err_and(|text| text.starts_with(word)), "{breach:?}");
        }
    }
}
