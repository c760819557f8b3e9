//! Tells the program once what the API finds wrong in the schemas that it has taken.
//!
//! A registration with an invalid schema succeeds, and its spans are stored: only the schema version says what is wrong.
//! It is asked for after the first registration with types. Nobody waits for that, and no answer is as good as praise: a
//! deployment's token may not be allowed to ask.

use crate::delivery::core::machine::{Action, Core};
use crate::delivery::core::schema_progress::SchemaCheck;
use crate::delivery::instance::state::InstanceDelivery;
use crate::operation::InstanceKey;
use crate::platform::internal_log::FaultKind;
use crate::platform::untrusted_text::untrusted;
use crate::transport::{Request, SendResult};
use crate::wire::schema_findings::{self, Found};

/// Lists of schema versions that are looked through.
const MAX_PAGES: u32 = 20;
/// Complaints that the log line has; the others are counted.
const MAX_COMPLAINTS: usize = 3;
/// Characters of one of them.
const MAX_COMPLAINT_CHARACTERS: usize = 100;

impl Core {
    /// A run was registered: the first with types is asked about.
    pub(super) fn check_schemas(&mut self, key: InstanceKey, registered: &SendResult) {
        let says_types = self.instances.get(&key).is_some_and(InstanceDelivery::has_sent_types);
        if !matches!(self.schema_check, SchemaCheck::Due) || !says_types {
            return;
        }
        let agent_id = registered.as_ref().ok().and_then(|answer| schema_findings::agent_id(&answer.body));
        self.schema_check = match agent_id {
            Some(agent_id) => self.list_schemas(agent_id, 0, 1),
            None => SchemaCheck::Over,
        };
    }

    /// The answer to the question that is open.
    pub(super) fn schemas_answered(&mut self, answer: &SendResult) {
        let body: &[u8] = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => &answer.body[..],
            _ => b"{}",
        };
        self.schema_check = match std::mem::replace(&mut self.schema_check, SchemaCheck::Over) {
            SchemaCheck::Listing { agent_id, offset, pages, .. } => {
                match schema_findings::find(body, &self.schema_identifier(), offset) {
                    Found::Id(id) => SchemaCheck::Reading { request: self.ask(schema_findings::show(&id)) },
                    Found::Later(next) if pages < MAX_PAGES => self.list_schemas(agent_id, next, pages + 1),
                    Found::Later(_) | Found::Nowhere => SchemaCheck::Over,
                }
            }
            SchemaCheck::Reading { .. } => {
                self.tell(&schema_findings::complaints(body));
                SchemaCheck::Over
            }
            other => other,
        };
    }

    fn list_schemas(&mut self, agent_id: String, offset: u64, pages: u32) -> SchemaCheck {
        let request = self.ask(schema_findings::list(&agent_id, offset));
        SchemaCheck::Listing { request, agent_id, offset, pages }
    }

    fn ask(&mut self, request: Request) -> u64 {
        let id = self.in_flight.number();
        self.out.counters.request(false);
        self.actions.push_back(Action::Send { id, request });
        id
    }

    fn tell(&mut self, complaints: &[String]) {
        if complaints.is_empty() {
            return;
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
        self.out.log(
            FaultKind::Schemas,
            format!(
                "the API cannot use some schemas of the agent's spans ({}{more}): spans are stored all the same, so correct \
                 what ClientBuilder::schemas or #[span] says",
                shown.join("; ")
            ),
        );
    }
}
