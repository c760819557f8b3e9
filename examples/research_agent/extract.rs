//! An answer without a model: the sentences that have most of the question in them.

use rusqlite::Connection;
use serde::Serialize;

use crate::index::{SearchError, quoted, with_parts_of_names};
use crate::lines::{self, Kind};
use crate::passages::Place;
use crate::plan::Term;

/// The number of sentences that a reader takes in at a glance.
const SENTENCES: usize = 4;
const FROM_ONE_PASSAGE: usize = 2;

/// A passage as it stands in its file, under the number by which answers cite it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Excerpt {
    pub(crate) number: usize,
    pub(crate) place: Place,
    pub(crate) text: String,
}

struct Sentence<'a> {
    excerpt: &'a Excerpt,
    /// The subject of the passage.
    title: String,
    text: String,
    score: f64,
}

/// The best sentences with their citations, one paragraph for each subject, or nothing if none fits.
pub(crate) fn best_sentences(terms: &[Term], excerpts: &[Excerpt]) -> Result<Vec<String>, SearchError> {
    let mut sentences: Vec<Sentence<'_>> =
        excerpts.iter().filter(|excerpt| excerpt.place.kind == Kind::Prose).flat_map(sentences).collect();
    score(&mut sentences, terms)?;
    let chosen = choose(&sentences);
    let mut paragraphs: Vec<(usize, &str, String)> = Vec::new();
    for best in &chosen {
        let (number, title) = (best.excerpt.number, best.title.as_str());
        if !paragraphs.iter().any(|(known, about, _)| (*known, *about) == (number, title)) {
            let same =
                |other: &&Sentence<'_>| (other.excerpt.number, other.title.as_str()) == (number, title);
            let is_chosen = |other: &&Sentence<'_>| chosen.iter().any(|one| std::ptr::eq(*one, *other));
            let texts =
                sentences.iter().filter(same).filter(is_chosen).map(|sentence| sentence.text.as_str());
            let text = texts.collect::<Vec<_>>().join(" ");
            paragraphs.push((number, title, format!("• {title}: {text} [{number}]")));
        }
    }
    Ok(paragraphs.into_iter().map(|(_, _, paragraph)| paragraph).collect())
}

/// Adds up the weights of the question's words in each sentence. SQLite compares the words, as it did in the
/// search, so that a sentence matches wherever its passage did.
fn score(sentences: &mut [Sentence<'_>], terms: &[Term]) -> Result<(), SearchError> {
    let connection = Connection::open_in_memory()?;
    connection
        .execute_batch("CREATE VIRTUAL TABLE sentences USING fts5(text, tokenize='porter unicode61')")?;
    let mut insert = connection.prepare("INSERT INTO sentences (rowid, text) VALUES (?1, ?2)")?;
    for (row, sentence) in (0_u32..).zip(sentences.iter()) {
        // The title counts, because often only the item's name says what a comment is about.
        insert.execute((row, with_parts_of_names(&[&sentence.text, " ", &sentence.title].concat())))?;
    }
    let mut find = connection.prepare("SELECT rowid FROM sentences WHERE sentences MATCH ?1")?;
    for term in terms {
        for row in find.query_map([quoted(&term.word)], |row| row.get::<_, u32>(0))? {
            let sentence = &mut sentences[row? as usize];
            let is_literal = sentence.text.to_lowercase().contains(&term.word);
            sentence.score += term.weight * if is_literal { 1.25 } else { 1.0 };
        }
    }
    for sentence in sentences {
        // Prefers passages that the search ranked high, and short sentences: long ones contain more words by chance.
        let length = f64::from(u16::try_from(sentence.text.len()).unwrap_or(u16::MAX));
        let rank = f64::from(u16::try_from(sentence.excerpt.number).unwrap_or(u16::MAX));
        sentence.score *= (1.0 - length / 2_000.0).max(0.5) / (1.0 + rank / 30.0);
    }
    Ok(())
}

fn choose<'a>(sentences: &'a [Sentence<'a>]) -> Vec<&'a Sentence<'a>> {
    let mut ranked: Vec<_> = sentences.iter().filter(|sentence| sentence.score > 0.0).collect();
    ranked.sort_by(|one, other| other.score.total_cmp(&one.score));
    let enough = ranked.first().map_or(0.0, |best| best.score / 2.0);
    let mut chosen: Vec<&Sentence<'_>> = Vec::new();
    for sentence in ranked.into_iter().take_while(|sentence| sentence.score >= enough) {
        let same_passage =
            chosen.iter().filter(|other| other.excerpt.number == sentence.excerpt.number).count();
        let is_known = chosen.iter().any(|other| other.text == sentence.text);
        if same_passage < FROM_ONE_PASSAGE && !is_known {
            chosen.push(sentence);
        }
        if chosen.len() == SENTENCES {
            break;
        }
    }
    chosen
}

/// The sentences of a passage's prose, without Markdown's own signs.
fn sentences(excerpt: &Excerpt) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut open = String::new();
    let mut about = String::new();
    for line in lines::of(&excerpt.place.file, &excerpt.place.title, &excerpt.text) {
        let item = line.text.strip_prefix("* ").or_else(|| line.text.strip_prefix("- "));
        let row = line.text.strip_prefix('|').map(cells);
        let is_prose = line.kind == Some(Kind::Prose) && !line.is_heading;
        if !is_prose || item.is_some() || row.is_some() || line.title != about {
            sentences.extend(sentence(excerpt, &about, &mut open));
        }
        if !is_prose {
            continue;
        }
        about = line.title;
        for word in row.as_deref().or(item).unwrap_or(line.text).split_whitespace() {
            if ends_sentence(&open) && !word.starts_with(char::is_lowercase) {
                sentences.extend(sentence(excerpt, &about, &mut open));
            }
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(word);
        }
    }
    sentences.extend(sentence(excerpt, &about, &mut open));
    sentences
}

/// The row of a table as a sentence.
fn cells(row: &str) -> String {
    let cells = row.split('|').map(str::trim).filter(|cell| !cell.is_empty());
    cells.collect::<Vec<_>>().join(" — ")
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', '!', '?']) && !["e.g.", "i.e.", "etc."].iter().any(|short| text.ends_with(short))
}

/// Takes what was gathered, unless it is a fragment, or a question, which does not answer one.
fn sentence<'a>(excerpt: &'a Excerpt, title: &str, open: &mut String) -> Option<Sentence<'a>> {
    let text = std::mem::take(open);
    let is_whole = text.split(' ').count() >= 4 && !text.ends_with(['?', ':']);
    is_whole.then(|| Sentence { excerpt, title: title.to_owned(), text: without_links(&text), score: 0.0 })
}

/// `[text](address)` and `[text]` become `text`: a number in brackets is a citation here, nothing else is.
fn without_links(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, linked)) = rest.split_once('[') {
        text.push_str(before);
        let Some((label, after)) = linked.split_once(']') else {
            rest = linked;
            break;
        };
        text.push_str(label);
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        rest = target.map_or(after, |(_, after)| after);
    }
    text.push_str(rest);
    text.replace("**", "")
}
