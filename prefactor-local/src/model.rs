//! The objects that the API answers with, and the words it uses for their states.

use std::collections::BTreeMap;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::time::Time;

/// The state of an instance or a span. `Terminated` is a state of instances only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Pending,
    Active,
    Complete,
    Failed,
    Cancelled,
    Terminated,
}

impl Status {
    const ALL: [Self; 6] =
        [Self::Pending, Self::Active, Self::Complete, Self::Failed, Self::Cancelled, Self::Terminated];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Terminated => "terminated",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// A status that a client may give to a span it creates.
    pub(crate) fn for_span(word: &str) -> Option<Self> {
        Self::parse(word).filter(|status| *status != Self::Terminated)
    }

    /// A status that a client may give when it finishes something.
    pub(crate) fn for_finish(word: &str) -> Option<Self> {
        Self::for_span(word).filter(|status| status.is_terminal())
    }

    pub(crate) fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Active)
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// One run of an agent.
#[derive(Debug, Serialize)]
pub(crate) struct AgentInstance {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) agent_id: String,
    pub(crate) agent_version_id: String,
    pub(crate) environment_id: String,
    pub(crate) agent_deployment_id: String,
    pub(crate) status: Status,
    pub(crate) purpose: String,
    pub(crate) external_identifier: Option<String>,
    pub(crate) termination_reason: Option<String>,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) span_counts: SpanCounts,
    /// Spans by schema name; counted for a single instance, `null` in lists.
    pub(crate) span_schema_counts: Option<BTreeMap<String, i64>>,
    #[serde(flatten)]
    pub(crate) unsupported: Assessment,
}

/// What the hosted platform works out about an instance and this server does not: always `null`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Assessment {
    cost_breakdown: Option<()>,
    quality_payload: Option<()>,
    quality_payloads: Option<()>,
    quality_summaries: Option<()>,
    quality_summary: Option<()>,
    risk_score: Option<()>,
}

/// How many spans an instance has, by status.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SpanCounts {
    pub(crate) total: i64,
    pub(crate) pending: i64,
    pub(crate) active: i64,
    pub(crate) complete: i64,
    pub(crate) failed: i64,
    pub(crate) cancelled: i64,
    pub(crate) finished: i64,
}

/// One step of a run.
#[derive(Debug, Serialize)]
pub(crate) struct AgentSpan {
    /// Its place in the order of arrival, which is not part of the API.
    #[serde(skip)]
    pub(crate) seq: i64,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) agent_id: String,
    pub(crate) agent_instance_id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) schema_name: String,
    pub(crate) schema_title: String,
    pub(crate) status: Status,
    pub(crate) purpose: String,
    pub(crate) payload: Box<RawValue>,
    pub(crate) result_payload: Option<Box<RawValue>>,
    pub(crate) payload_byte_size_estimate: usize,
    pub(crate) sensitive_encoding: bool,
    /// Templates are not rendered here.
    pub(crate) summary: Option<()>,
    pub(crate) risk_level: Option<()>,
    pub(crate) risk_score: Option<()>,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
}

/// A program that runs as instances.
#[derive(Debug, Serialize)]
pub(crate) struct Agent {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) external_identifier: Option<String>,
    pub(crate) owner_person_id: Option<()>,
    pub(crate) risk_profile_id: Option<()>,
    pub(crate) team_id: Option<()>,
    pub(crate) status: Status,
    pub(crate) instance_counts: InstanceCounts,
    pub(crate) available_actions: AvailableActions,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
}

/// How many instances an agent has, by status.
#[derive(Debug, Default, Serialize)]
pub(crate) struct InstanceCounts {
    pub(crate) total: i64,
    pub(crate) pending: i64,
    pub(crate) active: i64,
    pub(crate) complete: i64,
    pub(crate) failed: i64,
    pub(crate) cancelled: i64,
    pub(crate) terminated: i64,
    pub(crate) finished: i64,
}

/// What may be done to an agent; nothing, since this server has no administration.
#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API spells it so")]
pub(crate) struct AvailableActions {
    update: bool,
    retire: bool,
    reinstate: bool,
    delete: bool,
}

/// The request, beside the details of an answer, that the agent stop.
#[derive(Debug, Serialize)]
pub(crate) struct Control {
    pub(crate) terminate: bool,
    pub(crate) reason: Option<String>,
}
