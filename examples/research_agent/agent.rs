//! The agent. Every step is a function with an attribute, and the trace follows from how they call each other.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use prefactor::span;
use serde::Serialize;

use crate::answer::Answer;
use crate::blocking::blocking;
use crate::error::AgentError;
use crate::extract::{Excerpt, best_sentences};
use crate::files;
use crate::index::{Index, SearchError};
use crate::lines::Kind;
use crate::model::{Message, Model};
use crate::passages::{self, Place};
use crate::plan::{Plan, Term};
use crate::rank;

/// The number of passages that one search returns.
const HITS: u32 = 12;
const PROSE_TO_READ: usize = 5;
const CODE_TO_READ: usize = 2;

/// The searched files. The trace shows their counts.
#[derive(Serialize)]
pub(crate) struct Library {
    files: usize,
    passages: usize,
    #[serde(skip)]
    index: Index,
}

/// The result of a search.
#[derive(Serialize)]
struct Found {
    passages: Vec<Place>,
}

#[span("agent:run", skip(folder, model))]
pub(crate) async fn run(question: &str, folder: &Path, model: Option<&Model>) -> Result<Answer, AgentError> {
    let library = Arc::new(index(folder).await?);
    let plan = plan(question, &library)?;

    let survey = survey(&library, question, &plan).await?;
    let (prose, code) = tokio::try_join!(
        retrieve(&library, Kind::Prose, &plan.wide),
        retrieve(&library, Kind::Code, &plan.wide),
    )?;

    let mut places = rank::fuse(Kind::Prose, &[&survey.passages, &prose.passages], PROSE_TO_READ);
    places.extend(rank::fuse(Kind::Code, &[&survey.passages, &code.passages], CODE_TO_READ));
    let excerpts = read_all(folder, places).await?;

    if excerpts.is_empty() {
        return Err(AgentError::NothingFound);
    }
    let draft = match model {
        Some(model) => model.complete(model.name(), &Message::about(question, &excerpts)).await?.text,
        None => extract(&plan.terms, &excerpts)?,
    };
    answer(&draft, &excerpts, model.map(Model::name))
}

#[span("agent:index")]
async fn index(folder: &Path) -> Result<Library, AgentError> {
    let root = folder.to_owned();
    blocking(move || {
        let files = files::under(&root)
            .map_err(|source| AgentError::Read { name: root.display().to_string(), source })?;
        let index = Index::of(files.iter().flat_map(passages::of).collect())?;
        if index.len() == 0 {
            return Err(AgentError::NoFiles { folder: root.display().to_string() });
        }
        Ok(Library { files: files.len(), passages: index.len(), index })
    })
    .await
}

#[span("agent:plan", skip(library))]
fn plan(question: &str, library: &Library) -> Result<Plan, AgentError> {
    Plan::of(question, &library.index)?.ok_or(AgentError::NoTerms)
}

/// Looks around once, before the two searches in detail.
#[span("agent:survey", skip(library, plan))]
async fn survey(library: &Arc<Library>, question: &str, plan: &Plan) -> Result<Found, SearchError> {
    match search(library, question).await {
        Ok(found) => Ok(found),
        // FTS5 rejects a question's punctuation, so the second query quotes each word.
        Err(_) => search(library, &plan.narrow).await,
    }
}

/// The search as a tool: it takes any query, and fails on one that is not FTS5's language.
#[span("agent:tool_call", skip(library))]
async fn search(library: &Arc<Library>, query: &str) -> Result<Found, SearchError> {
    let (library, query) = (Arc::clone(library), query.to_owned());
    blocking(move || {
        let mut passages = library.index.search(Kind::Prose, &query, HITS)?;
        passages.extend(library.index.search(Kind::Code, &query, HITS)?);
        Ok(Found { passages })
    })
    .await
}

#[span("agent:retrieval", skip(library))]
async fn retrieve(library: &Arc<Library>, kind: Kind, query: &str) -> Result<Found, SearchError> {
    let (library, query) = (Arc::clone(library), query.to_owned());
    blocking(move || Ok(Found { passages: library.index.search(kind, &query, HITS)? })).await
}

#[span("agent:reading", skip(folder, places), fields(passages = places.len()), ret(with = Vec::len))]
async fn read_all(folder: &Path, places: Vec<Place>) -> Result<Vec<Excerpt>, AgentError> {
    let root = folder.to_owned();
    let numbered = move || (1..).zip(&places).map(|(number, place)| read(&root, place, number)).collect();
    blocking(numbered).await
}

#[span("agent:read", skip(root))]
fn read(root: &Path, place: &Place, number: usize) -> Result<Excerpt, AgentError> {
    let failed = |source: io::Error| AgentError::Read { name: place.file.clone(), source };
    let file = fs::read_to_string(root.join(&place.file)).map_err(failed)?;
    let lines = file.lines().skip(place.first - 1).take(place.last - place.first + 1);
    Ok(Excerpt { number, place: place.clone(), text: lines.collect::<Vec<_>>().join("\n") })
}

/// Stands in for the model, and has a name of its own in the trace: no model was called.
#[span("agent:extract", skip(excerpts))]
fn extract(terms: &[Term], excerpts: &[Excerpt]) -> Result<String, AgentError> {
    let mut paragraphs = best_sentences(terms, excerpts)?;
    let code = excerpts.iter().filter(|excerpt| excerpt.place.kind == Kind::Code);
    paragraphs
        .extend(code.map(|Excerpt { number, place, .. }| format!("• In code: {} [{number}]", place.title)));
    Ok(paragraphs.join("\n"))
}

/// Checks the citations of a draft, and gives it the list of what it cites.
#[span("agent:answer", skip(excerpts))]
fn answer(draft: &str, excerpts: &[Excerpt], written_by: Option<&str>) -> Result<Answer, AgentError> {
    let answer = Answer::of(draft, excerpts, written_by);
    if answer.is_empty() { Err(AgentError::NothingFound) } else { Ok(answer) }
}
