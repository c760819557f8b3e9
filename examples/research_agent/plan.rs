//! Turns a question into search queries.

use serde::Serialize;

use crate::index::{Index, SearchError, quoted};

/// Words that are in most questions and do not tell them apart.
const FILLERS: &str = " a about an and any are as at be become becomes been but by can could did do does explain for from get \
    gets had happen happened happens has have how i if in into is it its let make me mean means my of on one or \
    our out please see shall should show so tell than that the their them then there these they this those to \
    us use used uses was we were what when where which while who whom whose why will with work works would you your ";

/// More words than this make a query slower, not better.
const MOST_TERMS: usize = 8;

/// The agent's plan.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    pub(crate) terms: Vec<Term>,
    /// The query for passages that have all the words.
    pub(crate) narrow: String,
    /// The query for passages that have any of them.
    pub(crate) wide: String,
}

/// A word to look for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Term {
    pub(crate) word: String,
    /// The number of passages that contain it.
    pub(crate) passages: u32,
    /// Its weight: the rarer, the more.
    pub(crate) weight: f64,
}

impl Plan {
    /// Makes a plan; `None` when the question has no word to search for.
    pub(crate) fn of(question: &str, index: &Index) -> Result<Option<Self>, SearchError> {
        let mut terms = Vec::new();
        for word in words(question) {
            let passages = index.count(&word)?;
            terms.push(Term { weight: weight(passages, index.len()), passages, word });
        }
        if terms.iter().any(|term| term.passages > 0) {
            terms.retain(|term| term.passages > 0);
        }
        terms.sort_by_key(|term| term.passages);
        terms.truncate(MOST_TERMS);
        let query =
            |operator: &str| terms.iter().map(|term| quoted(&term.word)).collect::<Vec<_>>().join(operator);
        let (narrow, wide) = (query(" AND "), query(" OR "));
        Ok((!terms.is_empty()).then_some(Self { terms, narrow, wide }))
    }
}

/// The inverse document frequency, rounded for readers. It starts at 1, because a common word still counts.
fn weight(passages: u32, all: usize) -> f64 {
    let all = u32::try_from(all).unwrap_or(u32::MAX);
    let rarity = ((f64::from(all) + 1.0) / (f64::from(passages) + 1.0)).ln();
    ((1.0 + rarity / 4.0) * 100.0).round() / 100.0
}

fn words(question: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in question.split(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '\'') {
        let word = word.to_lowercase();
        let word = word.trim_matches('\'').trim_end_matches("'s");
        let is_filler = word.is_empty() || FILLERS.contains(&format!(" {word} "));
        if !is_filler && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}
