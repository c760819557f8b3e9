//! The declarations of a schema version about spans, quality and alerts: JSON Schemas, templates and data risk.
//!
//! Everything here is a pure function of the declaration and of a payload. The store keeps both as they were sent, and
//! the API computes the rest when it reads them.

mod check;
mod data_risk;
mod declared;
mod risk;
#[cfg(feature = "schemas")]
mod template;
#[cfg(not(feature = "schemas"))]
mod unchecked;

#[cfg(not(feature = "schemas"))]
pub(crate) use self::unchecked::{check, check_schema, render};
pub(crate) use self::{
    check::Check,
    data_risk::{ACTIONS, CATEGORIES, DataRisk},
    declared::{Declared, NAMELESS_QUALITY, SpanType},
    risk::{RiskLevel, RiskScore, Ruleset},
};
#[cfg(feature = "schemas")]
pub(crate) use self::{
    check::{check, check_schema},
    template::render,
};
