//! The errors of a start.

use std::{io, path::PathBuf};

/// The reason why a [`Server`](crate::Server) could not be started. Every message names the cure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program listens on the wanted port.
    #[error(
        "port {port} is already in use: stop the program that uses it, or choose another port (0 takes a free one)"
    )]
    PortInUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The listening socket could not be opened for a reason other than the port being taken.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port (0 takes a free one)")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The database file could not be opened or prepared.
    #[error("cannot open the database {}: {source}; check the folder and its permissions, or name another file", path.display())]
    Database {
        /// The file that was named, or `:memory:`.
        path: PathBuf,
        /// The error of SQLite.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database file was written by a newer version of this crate.
    #[error("the database {} was written by a newer version (layout {found}, this version reads up to {expected}): use that version, or name another file", path.display())]
    DatabaseVersion {
        /// The file that was named.
        path: PathBuf,
        /// The layout number in the file.
        found: i64,
        /// The highest layout number that this version reads.
        expected: i64,
    },
    /// The file belongs to another program; nothing in it was changed.
    #[error("{} is not a database of prefactor-local: name another file, or a new one (it was left as it is)", path.display())]
    ForeignDatabase {
        /// The file that was named.
        path: PathBuf,
    },
    /// Another server has the database file open.
    #[error("another prefactor-local has {} open: stop it, use its page, or name another file", path.display())]
    DatabaseInUse {
        /// The file that was named.
        path: PathBuf,
    },
    /// Listening beyond this machine needs a prescribed token.
    #[error("listening on {address} needs a token: set one by --token, e.g. --token $(openssl rand -hex 16)")]
    TokenRequired {
        /// The address that was asked for.
        address: std::net::IpAddr,
    },
    /// A name by which clients may call the server cannot stand in a `Host` header.
    #[error("{name:?} is not a host name: use the name without scheme and port, e.g. host.docker.internal")]
    HostName {
        /// The name that was given.
        name: String,
    },
    /// The token that callers must present cannot be sent in a header.
    #[error("the token must be one or more visible ASCII characters: leave spaces and line breaks out")]
    Token,
    /// The operating system gave no random bytes.
    #[error(
        "the operating system gave no random bytes: {0}; pass a token and a database that exists, or try again"
    )]
    Random(getrandom::Error),
    /// The thread of the server could not be started.
    #[error("cannot start the server's thread: {0}; free some memory or raise the limit on threads")]
    Thread(io::Error),
}
