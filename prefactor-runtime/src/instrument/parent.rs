//! Where an attribute puts its span: the options `parent`, `instance`, `client` and `root`.

use std::borrow::Borrow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use crate::client::handle::Client;
use crate::client::instance::AgentInstance;
use crate::context::Context;
use crate::span::handle::Span;

/// A parent on its way from the attribute's expression to the span.
///
/// An async function's body holds it until the first poll. It is unwind safe, so that the function's future stays so.
#[derive(Debug)]
#[must_use]
pub struct ParentContext(AssertUnwindSafe<Context>);

impl ParentContext {
    fn new(context: Context) -> Self {
        Self(AssertUnwindSafe(context))
    }

    pub(crate) fn into_context(self) -> Context {
        self.0.0
    }
}

/// The values that `parent = …` accepts: a span or a context, owned or borrowed, or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "`parent` needs a span or a context, not `{Self}`",
    label = "use e.g. `parent = span`, `parent = &context` or `parent = Some(span)`"
)]
pub trait Parent {
    /// The context in which the new span is a child.
    fn to_context(&self) -> Context;
}

impl Parent for Span {
    fn to_context(&self) -> Context {
        self.context()
    }
}

impl Parent for Context {
    fn to_context(&self) -> Context {
        self.clone()
    }
}

impl<P: Parent + ?Sized> Parent for &P {
    fn to_context(&self) -> Context {
        (**self).to_context()
    }
}

impl<P: Parent + ?Sized> Parent for Arc<P> {
    fn to_context(&self) -> Context {
        (**self).to_context()
    }
}

/// `None` leaves the span where it would be without the option.
impl<P: Parent> Parent for Option<P> {
    fn to_context(&self) -> Context {
        self.as_ref().map_or_else(Context::current, Parent::to_context)
    }
}

/// `parent = expression`. The expression is borrowed: a span that belongs to the caller must not end here.
pub fn child_of(parent: &impl Parent) -> ParentContext {
    ParentContext::new(parent.to_context())
}

/// The values that `instance = …` accepts: an agent instance, owned, borrowed or shared.
#[diagnostic::on_unimplemented(
    message = "`instance` needs an `AgentInstance`, not `{Self}`",
    label = "use e.g. `instance = &instance`, with what `Client::register` returns"
)]
pub trait InstanceOption: Borrow<AgentInstance> {}

#[diagnostic::do_not_recommend]
impl<T: Borrow<AgentInstance>> InstanceOption for T {}

/// `instance = expression`
pub fn in_instance(instance: impl InstanceOption) -> ParentContext {
    ParentContext::new(instance.borrow().context())
}

/// The values that `client = …` accepts: a client, owned, borrowed or shared.
#[diagnostic::on_unimplemented(
    message = "`client` needs a `Client`, not `{Self}`",
    label = "use e.g. `client = &client`, with what `ClientBuilder::build` returns"
)]
pub trait ClientOption: Borrow<Client> {}

#[diagnostic::do_not_recommend]
impl<T: Borrow<Client>> ClientOption for T {}

/// `client = expression`
pub fn in_client(client: impl ClientOption) -> ParentContext {
    ParentContext::new(client.borrow().default_instance().context())
}

/// `root`
pub fn at_root() -> ParentContext {
    ParentContext::new(Context::current().without_parent())
}
