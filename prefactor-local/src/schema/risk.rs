//! Risk scores: the declarations of span types under the rules of a risk profile.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{ACTIONS, CATEGORIES, DataRisk, SpanType};

/// A level of danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RiskLevel {
    Low,
    Medium,
    High,
    Critical,
}

/// The rules of a risk profile: weights of categories, multipliers of actions, thresholds of levels.
#[derive(Clone, Debug)]
pub(crate) struct Ruleset(Value);

impl Ruleset {
    /// The rules of a new profile: 1 for each weight and each multiplier.
    pub(crate) fn default_rules() -> Value {
        let ones = |keys: &[&str]| {
            keys.iter().map(|key| ((*key).to_owned(), json!(1))).collect::<serde_json::Map<_, _>>()
        };
        json!({
            "category_weights": ones(&CATEGORIES),
            "action_multipliers": ones(&ACTIONS),
            "thresholds": {"medium": 5, "high": 15, "critical": 30},
        })
    }

    pub(crate) fn new(rules: Value) -> Self {
        Self(rules)
    }

    fn number(&self, part: &str, key: &str, default: f64) -> f64 {
        self.0.get(part).and_then(|part| part.get(key)).and_then(Value::as_f64).unwrap_or(default)
    }

    fn critical(&self) -> f64 {
        self.number("thresholds", "critical", 30.0)
    }

    /// Returns the score of one span of a type: the weights of the categories that it includes, times the multipliers
    /// of the actions that it is allowed.
    fn type_score(&self, risk: &DataRisk) -> f64 {
        let weights: f64 =
            risk.included().map(|category| self.number("category_weights", category, 0.0)).sum();
        risk.allowed().fold(weights, |score, action| score * self.number("action_multipliers", action, 1.0))
    }

    fn level(&self, score: f64) -> RiskLevel {
        if score >= self.critical() {
            RiskLevel::Critical
        } else if score >= self.number("thresholds", "high", 15.0) {
            RiskLevel::High
        } else if score >= self.number("thresholds", "medium", 5.0) {
            RiskLevel::Medium
        } else {
            RiskLevel::Low
        }
    }

    /// Returns level and score of one span of this type.
    pub(crate) fn span(&self, risk: &DataRisk) -> (RiskLevel, f64) {
        let score = self.type_score(risk);
        (self.level(score), score)
    }

    /// Returns the score of a run, or of all runs of an agent: the sum over its span types of score times count.
    pub(crate) fn roll_up(
        &self,
        counts: &BTreeMap<String, i64>,
        types: &BTreeMap<String, SpanType>,
    ) -> RiskScore {
        let unknown = DataRisk::filled(None);
        let mut per_type = Vec::new();
        let (mut categories, mut actions, mut classes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut total_score, mut any_assessable) = (0.0, false);
        for (schema_name, count) in counts {
            let risk = types.get(schema_name).map_or(&unknown, |declared| &declared.data_risk);
            any_assessable |= risk.is_assessable();
            categories.extend(risk.included());
            actions.extend(risk.allowed());
            classes.push(risk.classification());
            let (risk_level, type_score) = self.span(risk);
            #[expect(clippy::cast_precision_loss, reason = "a count of spans is far below 2^52")]
            let total_contribution = type_score * *count as f64;
            total_score += total_contribution;
            per_type.push(TypeScore {
                schema_name: schema_name.clone(),
                count: *count,
                type_score,
                total_contribution,
                risk_level,
            });
        }
        for list in [&mut categories, &mut actions] {
            list.sort_unstable();
            list.dedup();
        }
        RiskScore {
            total_score,
            risk_level: self.level(total_score),
            critical_threshold: self.critical(),
            any_assessable,
            peak_classification: DataRisk::peak(classes.into_iter()),
            all_data_categories: categories,
            allowed_actions: actions,
            per_type,
        }
    }
}

/// The risk of a run in the form of the API.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RiskScore {
    total_score: f64,
    risk_level: RiskLevel,
    critical_threshold: f64,
    any_assessable: bool,
    peak_classification: &'static str,
    all_data_categories: Vec<&'static str>,
    allowed_actions: Vec<&'static str>,
    per_type: Vec<TypeScore>,
}

/// The part of one span type in the risk of a run.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the API spells it so")]
pub(crate) struct TypeScore {
    schema_name: String,
    count: i64,
    type_score: f64,
    total_contribution: f64,
    risk_level: RiskLevel,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types() -> BTreeMap<String, SpanType> {
        let risk = json!({"action_profile": {"read_data": "allowed", "destroy_data": "allowed"},
                          "params_data_categories": {"health_and_medical": "included"},
                          "result_data_categories": {"minors_data": "included", "classification": "secret"}});
        [("a:tool", SpanType::with_risk("a:tool", DataRisk::filled(Some(&risk))))]
            .into_iter()
            .map(|(name, declared)| (name.to_owned(), declared))
            .collect()
    }

    #[test]
    fn score_is_the_sum_of_weights_times_multipliers_times_count() {
        let rules = Ruleset::new(json!({
            "category_weights": {"health_and_medical": 4, "minors_data": 1},
            "action_multipliers": {"read_data": 1, "destroy_data": 2},
            "thresholds": {"medium": 5, "high": 20, "critical": 30},
        }));
        let counts = [("a:tool".to_owned(), 3), ("a:other".to_owned(), 7)].into_iter().collect();
        let score = serde_json::to_value(rules.roll_up(&counts, &types())).unwrap();
        assert_eq!(score["total_score"], 30.0);
        assert_eq!(score["risk_level"], "critical");
        assert_eq!(score["peak_classification"], "secret");
        assert_eq!(score["all_data_categories"], json!(["health_and_medical", "minors_data"]));
        assert_eq!(score["allowed_actions"], json!(["destroy_data", "read_data"]));
        assert_eq!(score["any_assessable"], true);
        let of_tool = &score["per_type"][1];
        assert_eq!((&of_tool["type_score"], &of_tool["risk_level"]), (&json!(10.0), &json!("medium")));
        assert_eq!(score["per_type"][0]["total_contribution"], 0.0);
    }

    #[test]
    fn run_of_unknown_types_has_no_risk_and_says_that_nothing_could_be_assessed() {
        let rules = Ruleset::new(Ruleset::default_rules());
        let counts = [("a:other".to_owned(), 7)].into_iter().collect();
        let score = serde_json::to_value(rules.roll_up(&counts, &types())).unwrap();
        assert_eq!((&score["total_score"], &score["any_assessable"]), (&json!(0.0), &json!(false)));
    }
}
