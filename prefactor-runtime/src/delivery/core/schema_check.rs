//! Tells the program once what the API finds wrong in the schemas that it has taken.
//!
//! A registration with an invalid schema succeeds, and its spans are stored: only the schema version says what is wrong.
//! It is asked for after the first registration with types. Nobody waits for that, and no answer is as good as praise: a
//! deployment's token may not be allowed to ask.

use crate::platform::untrusted_text::untrusted;
use crate::transport::{Request, SendResult};
use crate::wire::schema_findings::{self, Found};

/// Lists of schema versions that are looked through.
const MAX_PAGES: u32 = 20;
/// Complaints that the log line has; the others are counted.
const MAX_COMPLAINTS: usize = 3;
/// Characters of one of them.
const MAX_COMPLAINT_CHARACTERS: usize = 100;

/// How far a client has come with its question.
#[derive(Debug, Default)]
pub(super) struct SchemaCheck {
    step: Step,
    /// The request that asks, while it is in flight.
    request: Option<u64>,
}

#[derive(Debug, Default)]
enum Step {
    /// No run with types is registered yet.
    #[default]
    Due,
    /// A list is asked for.
    Listing {
        wanted: Wanted,
        offset: u64,
        pages: u32,
    },
    /// The schema version is asked for.
    Reading,
    Over,
}

/// A schema version as a run was registered with it. Later runs of the client may say more.
#[derive(Debug)]
struct Wanted {
    agent_id: String,
    external_identifier: String,
}

/// The step after an answer.
pub(super) enum Next {
    /// The request is to be sent, and its number told by [`SchemaCheck::asked`].
    Ask(Request),
    /// The log is to have this line.
    Tell(String),
    Nothing,
}

impl SchemaCheck {
    /// Whether that request is its question.
    pub(super) fn is_asking(&self, number: u64) -> bool {
        self.request == Some(number)
    }

    /// Its question is sent, under that number.
    pub(super) fn asked(&mut self, number: u64) {
        self.request = Some(number);
    }

    /// A run was registered with the schema version of that external identifier: the first is asked about.
    pub(super) fn registered(&mut self, answer: &SendResult, external_identifier: &str) -> Next {
        if !matches!(self.step, Step::Due) {
            return Next::Nothing;
        }
        self.step = Step::Over;
        let agent_id = answer.as_ref().ok().and_then(|answer| schema_findings::agent_id(&answer.body));
        agent_id.map_or(Next::Nothing, |agent_id| {
            self.list(Wanted { agent_id, external_identifier: external_identifier.to_owned() }, 0, 1)
        })
    }

    /// The answer to the question.
    pub(super) fn answered(&mut self, answer: &SendResult) -> Next {
        self.request = None;
        let body: &[u8] = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => &answer.body[..],
            _ => b"{}",
        };
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Listing { wanted, offset, pages } => {
                match schema_findings::find(body, &wanted.external_identifier, offset) {
                    Found::Id(id) => {
                        self.step = Step::Reading;
                        Next::Ask(schema_findings::show(&id))
                    }
                    Found::Later(next) if pages < MAX_PAGES => self.list(wanted, next, pages + 1),
                    Found::Later(_) | Found::Nowhere => Next::Nothing,
                }
            }
            Step::Reading => line(&schema_findings::complaints(body)).map_or(Next::Nothing, Next::Tell),
            Step::Due | Step::Over => Next::Nothing,
        }
    }

    fn list(&mut self, wanted: Wanted, offset: u64, pages: u32) -> Next {
        let request = schema_findings::list(&wanted.agent_id, offset);
        self.step = Step::Listing { wanted, offset, pages };
        Next::Ask(request)
    }
}

fn line(complaints: &[String]) -> Option<String> {
    if complaints.is_empty() {
        return None;
    }
    let shown: Vec<_> = complaints
        .iter()
        .take(MAX_COMPLAINTS)
        .map(|text| untrusted(text, MAX_COMPLAINT_CHARACTERS))
        .collect();
    let more = match complaints.len() - shown.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!(
        "the API cannot use some schemas of the agent's spans ({}{more}): spans are stored all the same, so correct \
         what ClientBuilder::schemas or #[span] says",
        shown.join("; ")
    ))
}
