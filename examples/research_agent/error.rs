//! The errors of the program. Every message names the cure.

use std::error::Error;
use std::fmt;
use std::io;

use crate::index::SearchError;
use crate::model::ModelError;

#[derive(Debug)]
pub(crate) enum AgentError {
    NoFiles { folder: String },
    NoTerms,
    NothingFound,
    Read { name: String, source: io::Error },
    Search(SearchError),
    Model(ModelError),
}

impl fmt::Display for AgentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFiles { folder } => {
                write!(
                    formatter,
                    "there is no Markdown, text or Rust file under {folder}: give --folder another one"
                )
            }
            Self::NoTerms => {
                formatter.write_str("the question has no word to look for: name the thing it is about")
            }
            Self::NothingFound => formatter.write_str(
                "the files say nothing about that: use their words, or give --folder another folder",
            ),
            Self::Read { name, source } => {
                write!(formatter, "cannot read {name}: {source}; check that it exists and may be read")
            }
            Self::Search(error) => error.fmt(formatter),
            Self::Model(error) => error.fmt(formatter),
        }
    }
}

impl Error for AgentError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoFiles { .. } | Self::NoTerms | Self::NothingFound => None,
            Self::Read { source, .. } => Some(source),
            Self::Search(error) => error.source(),
            Self::Model(error) => error.source(),
        }
    }
}

impl From<SearchError> for AgentError {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl From<ModelError> for AgentError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}
