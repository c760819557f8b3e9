//! A local Prefactor-compatible server with a trace page.

mod error;
mod fields;
mod model;
mod page;
mod pfid;
mod refusal;
mod routes;
mod server;
mod signal;
mod store;
mod time;

pub use self::{
    error::Error,
    server::{Builder, Server},
};
