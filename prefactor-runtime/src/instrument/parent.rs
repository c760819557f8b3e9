//! Where an attribute puts its span: the options `parent`, `instance`, `client` and `root`.

use std::borrow::Borrow;

use crate::client::handle::Client;
use crate::client::instance::AgentInstance;
use crate::context::Context;
use crate::span::handle::Span;

/// What may stand after `parent =`.
#[diagnostic::on_unimplemented(
    message = "`parent` takes a span or a context, not `{Self}`",
    label = "write `parent = &span` or `parent = &context`"
)]
pub trait Parent {
    /// The context in which the new span is a child.
    fn place(self) -> Context;
}

impl Parent for &Span {
    fn place(self) -> Context {
        self.context()
    }
}

impl Parent for &Context {
    fn place(self) -> Context {
        self.clone()
    }
}

impl Parent for Context {
    fn place(self) -> Context {
        self
    }
}

impl<P: Parent> Parent for Option<P> {
    /// Without a parent, the span goes where it would go anyway.
    fn place(self) -> Context {
        self.map_or_else(Context::current, Parent::place)
    }
}

/// `parent = expr`
pub fn under(parent: impl Parent) -> Context {
    parent.place()
}

/// `instance = expr`
pub fn in_instance(instance: impl Borrow<AgentInstance>) -> Context {
    instance.borrow().context()
}

/// `client = expr`
pub fn in_client(client: impl Borrow<Client>) -> Context {
    client.borrow().default_instance().context()
}

/// `root`
pub fn under_root() -> Context {
    Context::current().without_parent()
}
