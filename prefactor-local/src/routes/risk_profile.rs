//! `/risk_profile`: rules for the risk scores of agents.

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};

use super::{
    call::{Lookup, view},
    query::Query,
    record::{self, Field, Record},
};
use crate::{
    app::App,
    envelope,
    error_response::ErrorResponse,
    schema::{DataRisk, Ruleset},
};

struct RiskProfile;

impl Record for RiskProfile {
    const NAME: &'static str = "risk_profile";
    const FIELDS: &'static [Field] = &[
        Field::RequiredText("name"),
        Field::Text("description"),
        Field::Object("ruleset", Ruleset::default_rules),
        Field::Object("agreed_data_risk", no_data_risk),
    ];
}

/// The name of the only template.
const TEMPLATE: &str = "default";

pub(super) fn router() -> Router<Arc<App>> {
    record::router::<RiskProfile>().route("/risk_profile/template", view(template))
}

/// The rules of a new profile.
fn template(query: &Query, _: &str) -> Result<Lookup, ErrorResponse> {
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
