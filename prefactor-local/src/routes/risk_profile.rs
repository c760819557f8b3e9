//! `/risk_profile`: rules by which the risk of agents is weighed.

use serde_json::{Value, json};

use super::{
    call::{Call, Lookup},
    query::Query,
    record::{Field, Kind},
};
use crate::{
    envelope,
    error_response::ErrorResponse,
    schema::{DataRisk, Ruleset},
    store::Effect,
};

const KIND: Kind = Kind {
    name: "risk_profile",
    fields: &[
        Field::RequiredText("name"),
        Field::Text("description"),
        Field::Object("ruleset", Ruleset::default_rules),
        Field::Object("agreed_data_risk", no_data_risk),
    ],
};

/// The name of the only template.
const TEMPLATE: &str = "default";

pub(super) fn create(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.create(call)
}

pub(super) fn update(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.update(call)
}

pub(super) fn delete(call: &Call<'_>) -> Result<Effect, ErrorResponse> {
    KIND.delete(call)
}

pub(super) fn show(id: &str) -> Lookup {
    KIND.show(id)
}

pub(super) fn list(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    KIND.list(query)
}

/// The rules of a new profile, to start from.
pub(super) fn template(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
    if query.text("template_name").is_some_and(|name| name != TEMPLATE) {
        return Err(ErrorResponse::invalid(
            "template_name",
            "must be \"default\": there is no other template",
        ));
    }
    Ok(Lookup::new(move |_| {
        let template = json!({
            "type": "risk_profile_template",
            "template_name": TEMPLATE,
            "ruleset": Ruleset::default_rules(),
            "agreed_data_risk": no_data_risk(),
        });
        envelope::details(&template)
    }))
}

fn no_data_risk() -> Value {
    serde_json::to_value(DataRisk::filled(None)).unwrap_or_default()
}
