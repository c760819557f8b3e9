//! What was asked of the server, and what took effect.

use std::{collections::HashMap, fmt, sync::Arc, time::Instant};

use axum::http::HeaderMap;

use super::item::{Item, Kind};

/// All that a server was asked and all that it did, in order.
///
/// An effect is an action that was accepted for the first time under its key. Whatever the client was told,
/// and whether it was told anything, does not matter here.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    requests: Vec<Request>,
    effects: Vec<Effect>,
    pub(super) keys: HashMap<String, Known>,
    /// Re-sends that were not the same.
    pub(super) differences: Vec<String>,
}

/// A request that arrived in full.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// Its place in the ledger, from 0.
    pub number: usize,
    /// When its last byte arrived.
    pub arrived: Instant,
    /// `POST` or `GET`.
    pub method: String,
    /// The path without `/api/v1`.
    pub path: String,
    /// The length of its body.
    pub bytes: usize,
    /// The actions that it asks for: one, or those of a bulk request.
    pub items: Vec<Item>,
    /// The status that it was answered with; none while there is no answer, or if there was never one.
    pub answered: Option<u16>,
    /// The number of the first request that arrived after its answer was given, which may be yet to come; none
    /// while there is no answer.
    pub followed_by: Option<usize>,
    /// Whether its answer told the agent that the run is terminated, by the control signal or in the run's status.
    pub told_to_stop: bool,
    pub(super) headers: HeaderMap,
}

/// Something that happened once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effect {
    /// What happened.
    pub kind: Kind,
    /// What it happened to; for something new, the identifier that the server gave it.
    pub id: String,
    /// The type of a new span.
    pub schema_name: Option<String>,
    /// The parent of a new span.
    pub parent: Option<String>,
    /// The agent instance, where the action names it.
    pub instance: Option<String>,
    /// The status that was asked for.
    pub status: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    /// The number of the request that brought it about.
    pub request: usize,
}

/// What is known of one key.
#[derive(Clone, Debug)]
pub(super) struct Known {
    item: Item,
    pub(super) seen: usize,
    pub(super) is_applied: bool,
}

impl Request {
    /// A header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Request {
    /// Leaves the headers out, which hold the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, count) = (format!("{} {}", self.method, self.path), self.items.len());
        f.debug_struct("Request")
            .field("number", &self.number)
            .field("line", &line)
            .field("items", &count)
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// The requests that arrived in full, in the order of their arrival.
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Everything that took effect, in order.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// What happened to one span, or to one agent instance.
    pub fn effects_on<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Effect> {
        self.effects.iter().filter(move |effect| effect.id == id)
    }

    /// What took effect by requests that arrived after the answer to this one was given. What was under way by then is
    /// not among it: whoever sent it could not know the answer.
    pub fn effects_after<'a>(&'a self, request: &Request) -> impl Iterator<Item = &'a Effect> {
        let first = request.followed_by.unwrap_or(usize::MAX);
        self.effects.iter().filter(move |effect| effect.request >= first)
    }

    /// How often actions of one kind took effect.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.effects.iter().filter(|effect| effect.kind == kind).count()
    }

    /// How many items of one kind arrived, re-sends included.
    #[must_use]
    pub fn sends(&self, kind: Kind) -> usize {
        self.items().filter(|item| item.kind == kind).count()
    }

    /// All actions that arrived, re-sends included.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.requests.iter().flat_map(|request| &request.items)
    }

    /// How often an action arrived under each key that came more than once.
    pub fn resends(&self) -> impl Iterator<Item = (&str, usize)> {
        self.keys.iter().filter(|(_, known)| known.seen > 1).map(|(key, known)| (key.as_str(), known.seen))
    }

    /// Enters a request, and compares what it brings again with what came before.
    pub(super) fn arrival(&mut self, mut request: Request) -> usize {
        request.number = self.requests.len();
        for item in &mut request.items {
            let Some(key) = item.key.clone() else { continue };
            if let Some(known) = self.keys.get_mut(&key) {
                known.seen += 1;
                if let Some(difference) = difference(&known.item, item) {
                    self.differences.push(format!("the key {key} came with {difference}"));
                } else if known.item.in_bulk == item.in_bulk {
                    (item.text, item.content) =
                        (Arc::clone(&known.item.text), Arc::clone(&known.item.content));
                }
            } else {
                self.keys.insert(key, Known { item: item.clone(), seen: 1, is_applied: false });
            }
        }
        self.requests.push(request);
        self.requests.len() - 1
    }

    /// Enters that an item was accepted, which is an effect unless it was one before. `id` is the server's word.
    pub(super) fn accepted(&mut self, request: usize, item: &Item, id: Option<String>) {
        let known = item.key.as_ref().and_then(|key| self.keys.get_mut(key));
        if known.is_some_and(|known| std::mem::replace(&mut known.is_applied, true)) {
            return;
        }
        self.effects.push(Effect {
            kind: item.kind,
            id: id.or_else(|| item.id.clone()).unwrap_or_default(),
            schema_name: item.schema_name.clone(),
            parent: item.parent.clone(),
            instance: item.instance.clone(),
            status: item.status.clone(),
            key: item.key.clone(),
            request,
        });
    }

    pub(super) fn has_told(&self, request: usize) -> bool {
        self.requests.get(request).is_some_and(|request| request.told_to_stop)
    }

    pub(super) fn told_to_stop(&mut self, request: usize) {
        if let Some(request) = self.requests.get_mut(request) {
            request.told_to_stop = true;
        }
    }

    pub(super) fn answered(&mut self, request: usize, status: u16) {
        let arrived = self.requests.len();
        if let Some(request) = self.requests.get_mut(request) {
            request.answered = Some(status);
            request.followed_by = Some(arrived);
        }
    }
}

/// What is not the same in an action that is sent again: nothing at all in the same form, nothing but the
/// envelope in another one.
fn difference(first: &Item, again: &Item) -> Option<String> {
    if first.kind != again.kind {
        return Some(format!("two actions: {:?}, {:?}", first.kind, again.kind));
    }
    let is_action_on_object = !matches!(again.kind, Kind::CreateSpan | Kind::Register);
    if is_action_on_object && first.id != again.id {
        return Some(format!("two objects: {:?}, {:?}", first.id, again.id));
    }
    let (one, two) = if first.in_bulk == again.in_bulk {
        (&first.text, &again.text)
    } else {
        (&first.content, &again.content)
    };
    (one != two).then(|| format!("two texts:\n{one}\n{two}"))
}
