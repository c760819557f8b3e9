//! The server that programs start, and what a started one runs.

mod builder;
mod handle;
mod serving;
mod start;

pub use self::{
    builder::Builder,
    handle::{Account, Server},
};
