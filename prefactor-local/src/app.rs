//! What every handler shares.

use std::net::SocketAddr;

use crate::store::Store;

/// The state of a running server; built once, before the first connection is accepted.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) address: SocketAddr,
    /// The only token that opens the API; without one, any does.
    pub(crate) token: Option<String>,
}
