//! The command line.

use std::path::{Path, PathBuf};

use lexopt::prelude::{Long, Short, Value};

pub(crate) const USAGE: &str = "\
Answers a question over a folder of Markdown, text and Rust files, and shows the trace of doing so.

Usage: cargo run --example research_agent -- [OPTIONS] \"QUESTION\"

Options:
  --folder DIR   search DIR instead of this repository
  --serve        keep the trace page open after the answer, until ctrl-c
  -h, --help     show this text

Environment:
  OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL
      let a model write the answer, over any OpenAI-compatible endpoint;
      without the first two the answer is put together from sentences of the files
  PREFACTOR_API_URL, PREFACTOR_API_TOKEN
      report to that Prefactor server; without them one is started in this process
";

/// The command of the arguments.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Answer { question: String, folder: PathBuf, serve: bool },
}

impl Request {
    pub(crate) fn from_command_line() -> Result<Self, String> {
        let mut words = Vec::new();
        let mut folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut serve = false;
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next().map_err(|error| hint(&error))? {
            match argument {
                Short('h') | Long("help") => return Ok(Self::Help),
                Long("serve") => serve = true,
                Long("folder") => folder = existing(parser.value().map_err(|error| hint(&error))?.into())?,
                Value(word) => words.push(word.to_string_lossy().into_owned()),
                unknown => return Err(hint(&unknown.unexpected())),
            }
        }
        let question = question(&words.join(" "))?;
        Ok(Self::Answer { question, folder, serve })
    }
}

fn hint(error: &lexopt::Error) -> String {
    format!("{error}; run it with --help to see what it takes")
}

fn existing(folder: PathBuf) -> Result<PathBuf, String> {
    let name = Path::display(&folder);
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!("{name} is not a folder; give --folder one that exists"))
    }
}

/// The question with one question mark at its end, whatever was typed there.
fn question(typed: &str) -> Result<String, String> {
    let words = typed.trim().trim_end_matches(|end: char| end.is_whitespace() || "?!.".contains(end));
    if words.is_empty() {
        return Err(
            "there is no question; put one in quotes behind the options, or run it with --help".to_owned()
        );
    }
    Ok(format!("{words}?"))
}
