//! The objects of the API's answers, and the words for their states.

use std::collections::BTreeMap;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    schema::{Check, DataRisk, RiskLevel, RiskScore},
    time::Time,
};

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

    /// Parses a status that a client may give to a new span.
    pub(crate) fn for_span(word: &str) -> Option<Self> {
        Self::parse(word).filter(|status| *status != Self::Terminated)
    }

    /// Parses a status that a client may give to something that it finishes.
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
    /// The time when its last span was created or finished.
    pub(crate) last_activity_span_at: Option<Time>,
    /// The start of its silence, once that is long enough to be marked. The platform's API has no such field.
    pub(crate) silent_since: Option<Time>,
    pub(crate) span_counts: SpanCounts,
    /// Fields that only the answer about a single instance has.
    #[serde(flatten)]
    pub(crate) detail: Option<InstanceDetail>,
}

/// Parts of an instance that take more than its row to compute.
#[derive(Debug, Serialize)]
pub(crate) struct InstanceDetail {
    #[serde(flatten)]
    pub(crate) quality: QualityRecords,
    /// Spans by schema name; `null` in the answers to changes, for which they are not counted.
    pub(crate) span_schema_counts: Option<SchemaCounts>,
    pub(crate) raised_alert_count: Option<u32>,
    pub(crate) cost_breakdown: Option<CostBreakdown>,
    /// `null` without a risk profile of the agent.
    pub(crate) risk_score: Option<RiskScore>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SchemaCounts {
    pub(crate) by_name: BTreeMap<String, i64>,
}

/// The quality of an instance. The singular fields are those of older clients.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells them so")]
pub(crate) struct QualityRecords {
    pub(crate) quality_payload: Option<Box<RawValue>>,
    pub(crate) quality_summary: Option<String>,
    pub(crate) quality_payloads: BTreeMap<String, Box<RawValue>>,
    pub(crate) quality_summaries: BTreeMap<String, String>,
}

/// Tokens and costs of an instance, in total and by model.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CostBreakdown {
    #[serde(flatten)]
    pub(crate) total: Costs,
    pub(crate) groups: Vec<ModelCosts>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ModelCosts {
    pub(crate) provider: Option<String>,
    pub(crate) model_name: Option<String>,
    pub(crate) context_limit: Option<i64>,
    #[serde(flatten)]
    pub(crate) costs: Costs,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Costs {
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_read: i64,
    pub(crate) input_cost: f64,
    pub(crate) output_cost: f64,
    pub(crate) cache_read_cost: f64,
    pub(crate) total_cost: f64,
}

/// Numbers of spans of an instance, by status.
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
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AgentSpan {
    /// Its number in the order of arrival, which is not part of the API.
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
    /// The external identifier of the span; its instance has another.
    pub(crate) purpose: &'static str,
    pub(crate) payload: Box<RawValue>,
    pub(crate) result_payload: Option<Box<RawValue>>,
    pub(crate) payload_byte_size_estimate: usize,
    pub(crate) sensitive_encoding: bool,
    /// The rendered template of its type, on request.
    pub(crate) summary: Option<String>,
    /// The data-risk declaration of its type; `null` in the answers to changes.
    pub(crate) data_risk: Option<DataRisk>,
    /// The risk by the agent's risk profile, on request.
    pub(crate) risk_level: Option<RiskLevel>,
    pub(crate) risk_score: Option<f64>,
    pub(crate) started_at: Option<Time>,
    pub(crate) finished_at: Option<Time>,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
    #[serde(flatten)]
    pub(crate) checks: Option<SpanChecks>,
    #[serde(skip)]
    pub(crate) agent_schema_version_id: Option<String>,
}

/// Whether the payloads of a span match the schemas of its type; shown with a single span.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SpanChecks {
    pub(crate) payload_validation: Option<Check>,
    pub(crate) result_payload_validation: Option<Check>,
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
    pub(crate) owner_person_id: Option<String>,
    pub(crate) risk_profile_id: Option<String>,
    pub(crate) team_id: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) instance_counts: InstanceCounts,
    pub(crate) available_actions: AvailableActions,
    pub(crate) last_activity_span_at: Option<Time>,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
}

/// Numbers of instances of an agent, by status.
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

/// The actions that an agent's present state allows.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API spells it so")]
pub(crate) struct AvailableActions {
    pub(crate) update: bool,
    pub(crate) retire: bool,
    pub(crate) reinstate: bool,
    pub(crate) delete: bool,
}

/// An alert: something about a run that people should look at.
#[derive(Debug, Serialize)]
pub(crate) struct Alert {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) agent_id: String,
    pub(crate) agent_instance_id: String,
    pub(crate) environment_id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) summary: Option<String>,
    pub(crate) severity: String,
    pub(crate) status: String,
    pub(crate) payload: Box<RawValue>,
    pub(crate) payload_sensitive_encoding: bool,
    pub(crate) version: i64,
    pub(crate) raised_at: Time,
    pub(crate) cleared_at: Option<Time>,
    pub(crate) inserted_at: Time,
    pub(crate) updated_at: Time,
}

/// A request to the agent to stop, beside the details of an answer.
#[derive(Debug, Serialize)]
pub(crate) struct Control {
    pub(crate) terminate: bool,
    pub(crate) reason: Option<String>,
}
