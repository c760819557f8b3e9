//! The stored data of a server.

use std::collections::HashSet;

use prefactor_local::Server;
use serde::Deserialize;

use prefactor_tests::stored::{StoredSpan, list};

#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) instances: Vec<StoredInstance>,
    pub(crate) spans: Vec<StoredSpan>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StoredInstance {
    pub(crate) id: String,
    pub(crate) status: String,
}

impl Stored {
    pub(crate) fn of(server: &Server) -> Self {
        Self { instances: list(server, "agent_instance"), spans: list(server, "agent_spans") }
    }

    /// The spans of one kind.
    pub(crate) fn of_kind(&self, schema_name: &str) -> Vec<&StoredSpan> {
        self.spans.iter().filter(|span| span.schema_name == schema_name).collect()
    }

    /// The one span of a kind.
    pub(crate) fn span(&self, schema_name: &str) -> &StoredSpan {
        match self.of_kind(schema_name)[..] {
            [span] => span,
            _ => panic!("not one {schema_name} in {:#?}", self.spans),
        }
    }

    /// Checks that there are spans of that kind with the numbers `0 .. count`, each once, all complete.
    pub(crate) fn assert_numbered(&self, schema_name: &str, count: u64) -> &Self {
        let spans = self.of_kind(schema_name);
        let numbers: HashSet<_> = spans.iter().filter_map(|span| span.payload["number"].as_u64()).collect();
        assert_eq!((spans.len() as u64, numbers), (count, (0..count).collect()));
        assert!(spans.iter().all(|span| span.status == "complete"), "{spans:#?}");
        self
    }

    /// Returns the one instance, and checks its status.
    pub(crate) fn assert_instance(&self, status: &str) -> &Self {
        let all: Vec<_> = self.instances.iter().map(|instance| instance.status.as_str()).collect();
        assert_eq!(all, [status]);
        self
    }
}
