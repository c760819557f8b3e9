//! Data-risk declarations: which data a span type touches, and which actions it takes.

use serde::Serialize;
use serde_json::{Map, Value};

/// Actions of an agent that a data-risk declaration allows or rules out.
pub(crate) const ACTIONS: [&str; 6] = [
    "create_data",
    "read_data",
    "update_data",
    "destroy_data",
    "financial_transactions",
    "external_communication",
];

/// Categories of data that a declaration includes or excludes.
pub(crate) const CATEGORIES: [&str; 17] = [
    "personal_identifiers",
    "contact_information",
    "financial_information",
    "health_and_medical",
    "criminal_justice",
    "authentication_and_secrets",
    "organisational_confidential",
    "minors_data",
    "location_and_tracking",
    "behavioural_and_inferred",
    "gdpr_racial_or_ethnic_origin",
    "gdpr_political_opinions",
    "gdpr_religious_or_philosophical_beliefs",
    "gdpr_trade_union_membership",
    "gdpr_genetic_data",
    "gdpr_biometric_for_identification",
    "gdpr_sex_life_or_sexual_orientation",
];

/// Classifications of data, least sensitive first.
const CLASSIFICATIONS: [&str; 6] = ["unknown", "public", "internal", "confidential", "restricted", "secret"];

/// A complete declaration. Keys that the client left out are `unknown`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct DataRisk {
    action_profile: Map<String, Value>,
    params_data_categories: Map<String, Value>,
    result_data_categories: Map<String, Value>,
}

impl DataRisk {
    /// Completes a declaration. Keys that the platform does not know are kept, as its official clients allow them.
    pub(crate) fn filled(declared: Option<&Value>) -> Self {
        let part = |name: &str, keys: &[&str]| {
            let given = declared.and_then(|risk| risk.get(name)).and_then(Value::as_object);
            let mut part = given.cloned().unwrap_or_default();
            for key in keys {
                part.entry(*key).or_insert_with(|| "unknown".into());
            }
            part
        };
        let mut categories = vec!["classification"];
        categories.extend(CATEGORIES);
        Self {
            action_profile: part("action_profile", &ACTIONS),
            params_data_categories: part("params_data_categories", &categories),
            result_data_categories: part("result_data_categories", &categories),
        }
    }

    /// Whether the type declares anything. A type that declares nothing cannot be assessed.
    pub(crate) fn is_assessable(&self) -> bool {
        let parts = [&self.action_profile, &self.params_data_categories, &self.result_data_categories];
        parts.into_iter().flat_map(Map::values).any(|value| value != "unknown")
    }

    /// Categories that the payload or the result includes.
    pub(crate) fn included(&self) -> impl Iterator<Item = &'static str> + '_ {
        CATEGORIES.into_iter().filter(|category| {
            [&self.params_data_categories, &self.result_data_categories]
                .into_iter()
                .any(|part| part.get(*category).is_some_and(|value| value == "included"))
        })
    }

    pub(crate) fn allowed(&self) -> impl Iterator<Item = &'static str> + '_ {
        ACTIONS
            .into_iter()
            .filter(|action| self.action_profile.get(*action).is_some_and(|value| value == "allowed"))
    }

    /// The more sensitive classification of the payload and the result.
    pub(crate) fn classification(&self) -> &'static str {
        let rank = |part: &Map<String, Value>| {
            let word = part.get("classification").and_then(Value::as_str).unwrap_or_default();
            CLASSIFICATIONS.iter().position(|known| *known == word).unwrap_or(0)
        };
        CLASSIFICATIONS[rank(&self.params_data_categories).max(rank(&self.result_data_categories))]
    }

    /// The most sensitive of some classifications.
    pub(crate) fn peak<'a>(classifications: impl Iterator<Item = &'a str>) -> &'static str {
        let ranks =
            classifications.filter_map(|word| CLASSIFICATIONS.iter().position(|known| *known == word));
        CLASSIFICATIONS[ranks.max().unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn declaration_is_returned_with_every_key() {
        let risk = serde_json::to_value(DataRisk::filled(Some(&json!({
            "action_profile": {"read_data": "allowed", "own": "kept"},
            "params_data_categories": {"classification": "confidential"},
        }))))
        .unwrap();
        assert_eq!(risk["action_profile"].as_object().unwrap().len(), ACTIONS.len() + 1);
        assert_eq!(risk["action_profile"]["read_data"], "allowed");
        assert_eq!(risk["action_profile"]["destroy_data"], "unknown");
        assert_eq!(risk["params_data_categories"].as_object().unwrap().len(), CATEGORIES.len() + 1);
        assert_eq!(risk["result_data_categories"]["classification"], "unknown");
    }

    #[test]
    fn classification_is_the_more_sensitive_of_payload_and_result() {
        let risk = json!({"params_data_categories": {"classification": "internal"},
                          "result_data_categories": {"classification": "restricted"}});
        assert_eq!(DataRisk::filled(Some(&risk)).classification(), "restricted");
        assert_eq!(DataRisk::peak(["public", "secret", "internal"].into_iter()), "secret");
        assert!(!DataRisk::filled(None).is_assessable());
    }
}
