//! The ledger: which requests a server got, and which effects they had.

use std::{collections::HashMap, sync::Arc};

use super::{
    item::{Item, Kind},
    request::{Effect, Request},
};

/// All requests that a server got and all effects that they had, in order.
///
/// An effect is an action that was accepted for the first time under its key, whatever answer the client got, and whether it
/// got one.
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
/// assert_eq!((ledger.requests().len(), ledger.effects().len()), (2, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    requests: Vec<Request>,
    effects: Vec<Effect>,
    pub(super) keys: HashMap<String, Known>,
    /// Actions that were sent again and were not the same, one text each.
    pub(super) differences: Vec<String>,
}

/// The first action that came under a key, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    item: Item,
    pub(super) seen: usize,
    pub(super) is_applied: bool,
}

impl Ledger {
    /// Returns the requests that arrived in full, in the order of their arrival.
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
    /// assert_eq!(ledger.requests()[0].path, "/agent_instance/register");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Returns all effects, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::{Kind, Oracle}};
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
    /// assert_eq!(ledger.effects()[0].kind, Kind::Register);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Returns the effects on one span, or on one agent instance.
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
    /// let run = &ledger.effects()[0].id;
    /// assert_eq!(ledger.effects_on(run).count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn effects_on<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Effect> {
        self.effects.iter().filter(move |effect| effect.id == id)
    }

    /// Returns the effects of requests that arrived after the answer to `request` was given.
    ///
    /// Requests that were under way by then are left out: their sender could not know the answer.
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
    /// assert_eq!(ledger.effects_after(&ledger.requests()[0]).count(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn effects_after<'a>(&'a self, request: &Request) -> impl Iterator<Item = &'a Effect> {
        let first = request.followed_by.unwrap_or(usize::MAX);
        self.effects.iter().filter(move |effect| effect.request >= first)
    }

    /// Counts the effects of one kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::{Kind, Oracle}};
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
    /// assert_eq!(ledger.count(Kind::Register), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.effects.iter().filter(|effect| effect.kind == kind).count()
    }

    /// Counts the actions of one kind that arrived, each time they did.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_local::{Server, oracle::{Kind, Oracle}};
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
    /// assert_eq!(ledger.sends(Kind::Register), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sends(&self, kind: Kind) -> usize {
        self.items().filter(|item| item.kind == kind).count()
    }

    /// Returns all actions that arrived, each time they did.
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
    /// assert_eq!(ledger.items().filter(|item| !item.in_bulk).count(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.requests.iter().flat_map(|request| &request.items)
    }

    /// Returns each key under which an action arrived more than once, with the number of times.
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
    /// assert_eq!(ledger.resends().next(), Some(("register-1", 2)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn resends(&self) -> impl Iterator<Item = (&str, usize)> {
        self.keys.iter().filter(|(_, known)| known.seen > 1).map(|(key, known)| (key.as_str(), known.seen))
    }

    /// Enters a request, and compares each action under a known key with the first one under it.
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

    /// Enters the effect of an accepted item, unless its key has one. `id` is the identifier that the server gave.
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

/// How an action that is sent again differs from the first. In the same form, alone or in bulk, each byte counts; in
/// the other form, the content without the envelope.
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
