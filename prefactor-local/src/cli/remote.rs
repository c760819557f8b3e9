//! The server that a command asks.

use std::{env, fs, path::Path};

use prefactor_local::{Error as StartError, Server};
use serde_json::Value;

use super::{Error, arguments::Options, progress::Progress};

const DEFAULT_URL: &str = "http://127.0.0.1:4000";

/// The connection to a server: its URL and a token.
pub(super) struct Remote {
    http: ureq::Agent,
    url: String,
    token: String,
    /// The server that the command started for a database file; it ends with this.
    _own: Option<Server>,
}

/// Lines of an answer, and the place of the next ones.
pub(super) struct Lines {
    pub(super) text: String,
    pub(super) next: Option<i64>,
}

impl Remote {
    /// Finds the server of `--url`, of the database file, of the environment, or on the usual port, in this order.
    pub(super) fn find(options: &Options) -> Result<Self, Error> {
        let token = || options.token.clone().or_else(|| variable("PREFACTOR_API_TOKEN"));
        if let (None, Some(file)) = (&options.url, &options.database) {
            return Self::of_file(file, token());
        }
        let url = options.url.clone().or_else(|| variable("PREFACTOR_API_URL"));
        let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
        Ok(Self::new(
            url.trim_end_matches('/').to_owned(),
            token().unwrap_or_else(|| "local".to_owned()),
            None,
        ))
    }

    fn of_file(file: &Path, token: Option<String>) -> Result<Self, Error> {
        if !file.exists() {
            return Err(format!(
                "there is no file {}: name the one that the server was started with",
                file.display()
            )
            .into());
        }
        let mut progress = Progress::new();
        progress.draw(|| format!("opening {}", file.display()));
        let started = Server::builder().database(file).start();
        drop(progress);
        match started {
            Ok(own) => {
                let (url, token) = (own.url().to_owned(), own.token().to_owned());
                Ok(Self::new(url, token, Some(own)))
            }
            Err(StartError::DatabaseInUse { .. }) => {
                let mut lock = file.as_os_str().to_owned();
                lock.push("-lock");
                let url = fs::read_to_string(lock)?.trim().to_owned();
                let token = match token {
                    Some(token) => token,
                    None => development_token(file)?,
                };
                Ok(Self::new(url, token, None))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn new(url: String, token: String, own: Option<Server>) -> Self {
        let http = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { http, url, token, _own: own }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the JSON that a path answers with.
    pub(super) fn get(&self, path: &str) -> Result<Value, Error> {
        let request = self.http.get([&self.url, path].concat()).header("Authorization", self.bearer());
        Ok(serde_json::from_str(&self.text(request.call())?.text)?)
    }

    pub(super) fn lines(&self, path: &str) -> Result<Lines, Error> {
        let request = self.http.get([&self.url, path].concat()).header("Authorization", self.bearer());
        self.text(request.call())
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Value, Error> {
        let request = self.http.post([&self.url, path].concat()).header("Authorization", self.bearer());
        let sent = request.header("Content-Type", "application/json").send(body);
        Ok(serde_json::from_str(&self.text(sent)?.text)?)
    }

    fn text(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Lines, Error> {
        let mut answer = answer.map_err(|error| {
            let cure = "start one with `prefactor-local`, or name it by --url or --database";
            format!("no server answers at {}: {error}; {cure}", self.url)
        })?;
        let next = answer.headers().get("prefactor-next").and_then(|next| next.to_str().ok()?.parse().ok());
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(256 << 20).read_to_string()?;
        if status.is_success() {
            return Ok(Lines { text, next });
        }
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = said["message"].as_str().unwrap_or("the answer is not of a Prefactor server");
        let cure = match status.as_u16() {
            401 => "; give the token by --token or PREFACTOR_API_TOKEN",
            404 => "; check the identifier, and the address of --url or PREFACTOR_API_URL",
            _ => "",
        };
        Err(format!("the server refused with status {}: {said}{cure}", status.as_u16()).into())
    }

    fn bearer(&self) -> String {
        ["Bearer ", &self.token].concat()
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Reads the token that the server printed from its database, which only the owner of the file can read.
fn development_token(file: &Path) -> Result<String, Error> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(file, flags)?;
    let select = "SELECT value FROM setting WHERE name = 'development_token'";
    Ok(connection.query_row(select, (), |row| row.get(0))?)
}

/// Encodes an identifier as one segment of a path, so that no text of the user leads to another path.
pub(super) fn segment(id: &str) -> Result<&str, Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !id.is_empty() && id.bytes().all(is_plain) {
        Ok(id)
    } else {
        Err(format!("{id:?} is not the identifier of a run: copy it from `prefactor-local runs`").into())
    }
}
