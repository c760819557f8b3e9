//! The state that all handlers share.

use std::net::SocketAddr;

use crate::{
    error_response::ErrorResponse,
    reply::Reply,
    store::{Reader, Store},
    tokens::Tokens,
};

/// The state of a running server; built once, before the first connection is accepted.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) address: SocketAddr,
    /// Names by which clients may call the server on any port, besides those of this machine.
    pub(crate) hosts: Vec<String>,
    /// The tokens that open the API.
    pub(crate) tokens: Tokens,
    /// Whether the server was started with a token. The token then guards the page's data as well.
    pub(crate) is_token_prescribed: bool,
}

impl App {
    /// Answers with the result of `job`, which reads one view of the database.
    pub(crate) async fn read(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<String, ErrorResponse> + Send + 'static,
    ) -> Result<Reply, ErrorResponse> {
        self.store.read(job).await.map(Reply)
    }
}
