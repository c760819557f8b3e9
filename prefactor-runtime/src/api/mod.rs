//! A typed client for the endpoints of the Prefactor API, with the feature `api`.
//!
//! [`ApiClient`] has a part for each kind of object: [`agents`](ApiClient::agents), [`instances`](ApiClient::instances),
//! [`spans`](ApiClient::spans) and so on. Its requests are asynchronous and run in the program's tokio runtime, whose I/O and time
//! must be enabled. It shares settings, transport and the reading of answers with delivery.
//!
//! # Errors
//!
//! All requests fail with [`Error`](crate::Error):
//!
//! * The API refused: [`is_refused`](crate::Error::is_refused), and of that [`is_not_found`](crate::Error::is_not_found),
//!   [`is_conflict`](crate::Error::is_conflict), [`is_unauthorized`](crate::Error::is_unauthorized),
//!   [`is_forbidden`](crate::Error::is_forbidden) or [`is_invalid`](crate::Error::is_invalid). It is not asked again.
//! * No answer came in the API's protocol: [`is_unavailable`](crate::Error::is_unavailable). It was asked up to four times, with
//!   growing pauses or those of its `Retry-After`, under one idempotency key. A request without such a key is repeated only where the API
//!   cannot have done it before.
//! * The answer lacks a required member: [`is_protocol`](crate::Error::is_protocol).
//!
//! # Cancel safety
//!
//! A request whose future is dropped may have been done or not.
#![expect(clippy::missing_errors_doc, reason = "all requests have the errors that stand above")]

mod administration;
mod agents;
mod alerts;
mod answer;
mod bulk;
mod call;
mod client;
mod connection;
mod fields;
mod finish;
mod group;
mod instances;
mod list;
mod objects;
mod records;
mod risk_profiles;
mod spans;
mod tokens;
mod versions;

pub use administration::{
    Account, AccountFilter, Accounts, Environment, EnvironmentChange, Environments, NewEnvironment,
    NewPerson, NewTeam, People, Person, PersonChange, Team, TeamChange, Teams,
};
pub use agents::{
    Agent, AgentChange, AgentDetail, AgentFilter, AgentStatus, Agents, InstanceCounts, NewAgent,
};
pub use alerts::{Alert, AlertFilter, AlertStatus, Alerts, ClearedAlert, NewAlert};
pub use bulk::{Bulk, BulkResult};
pub use client::ApiClient;
pub use finish::Finish;
pub use instances::{
    AgentContext, CostBreakdown, Instance, InstanceDetails, InstanceFilter, Instances, SpanCounts, Status,
};
pub use list::List;
pub use risk_profiles::{
    NewRiskProfile, RiskProfile, RiskProfileChange, RiskProfileTemplate, RiskProfiles, Ruleset,
};
pub use spans::{NewSpan, Recorded, Span, SpanEnd, SpanFilter, Spans};
pub use tokens::{CreatedToken, NewToken, Token, TokenScope, TokenStatus, Tokens};
pub use versions::{
    AgentVersion, AgentVersions, Deployment, Deployments, NewAgentVersion, NewDeployment, SchemaVersion,
    SchemaVersions, VersionFilter,
};
