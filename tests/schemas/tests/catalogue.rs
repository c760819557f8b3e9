//! The content of the catalogue, which is the same in every build.
#![expect(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "helpers of tests")]

use std::path::Path;
use std::process::Command;

use prefactor::schema::{Classification, DataCategory, Permission, Presence, RiskAction, SpanType};
use prefactor_schemas::{catalogue, printed};
use prefactor_tests::nested_cargo;
use serde_json::{Value, json};

fn params(of: &SpanType) -> Value {
    of.params_json().get().unwrap()
}

fn result(of: &SpanType) -> Value {
    of.result_json().unwrap().get().unwrap()
}

/// Returns the schema, or any of the values that may stand in its place.
fn marked(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "$ref": "#/$defs/prefactor_marker" }] })
}

#[test]
fn functions_of_all_crates_are_in_the_catalogue() {
    let catalogue = catalogue();
    let names: Vec<_> = catalogue.types().map(SpanType::name).collect();
    assert_eq!(
        names,
        [
            "library:call",
            "library:look_up",
            "library:strange",
            "program:ask",
            "program:exact_result",
            "program:fallible",
            "program:plain",
            "program:risky",
            "program:ways",
            "shared:name",
        ]
    );
}

#[test]
fn texts_come_from_the_attribute_and_the_doc_comment() {
    let catalogue = catalogue();
    let look_up = catalogue.get("library:look_up").unwrap();
    assert_eq!(look_up.title_text(), Some("Look-up"));
    assert_eq!(look_up.description_text(), Some("Looks a word up."));
    assert_eq!(look_up.template_text(), Some("{{ word }}"));
}

#[test]
fn risk_comes_from_the_attribute() {
    let catalogue = catalogue();
    let risk = catalogue.get("library:strange").unwrap().risk().unwrap();
    assert_eq!(risk.permission(RiskAction::ReadData), Permission::Allowed);
    assert_eq!(risk.permission(RiskAction::CreateData), Permission::Unknown);
    assert_eq!(risk.params_classification(), Classification::Internal);
    assert_eq!(risk.params_presence(DataCategory::MinorsData), Presence::Excluded);
    assert!(catalogue.get("library:look_up").unwrap().risk().is_none());
}

#[test]
fn every_word_of_risk_can_be_said_in_the_attribute() {
    let catalogue = catalogue();
    let risk = catalogue.get("program:risky").unwrap().risk().unwrap();
    for action in RiskAction::ALL {
        let is_money = *action == RiskAction::FinancialTransactions;
        let expected = if is_money { Permission::Disallowed } else { Permission::Allowed };
        assert_eq!(risk.permission(*action), expected, "{action:?}");
    }
    for category in DataCategory::ALL {
        let said = (risk.params_presence(*category), risk.result_presence(*category));
        assert_eq!(said, (Presence::Included, Presence::Excluded), "{category:?}");
    }
    let said = (risk.params_classification(), risk.result_classification());
    assert_eq!(said, (Classification::Secret, Classification::Public));
}

#[test]
fn types_of_the_standard_library_are_exact() {
    let catalogue = catalogue();
    let params = params(catalogue.get("program:plain").unwrap());
    let of = |name: &str| params["properties"][name].clone();
    let text = marked(json!({ "type": "string" }));
    assert_eq!(of("name"), text);
    assert_eq!(of("text"), text);
    assert_eq!(of("flag"), marked(json!({ "type": "boolean" })));
    assert_eq!(of("count"), marked(json!({ "type": "integer", "minimum": 0 })));
    assert_eq!(of("delta"), marked(json!({ "type": "integer" })));
    assert_eq!(of("ratio"), marked(json!({ "type": "number" })));
    assert_eq!(of("maybe"), json!({ "anyOf": [{ "type": "null" }, text] }));
    let number = marked(json!({ "type": "number" }));
    assert_eq!(of("list"), marked(json!({ "type": "array", "items": number })));
    let integers = marked(json!({ "type": "array", "items": marked(json!({ "type": "integer" })) }));
    assert_eq!(of("map"), marked(json!({ "type": "object", "additionalProperties": integers })));
    assert_eq!(of("json"), json!({}));
    assert_eq!(of("unit"), marked(json!({ "type": "null" })));
    assert_eq!(params.get("required"), None, "a client may record no arguments");
    let result = result(catalogue.get("program:plain").unwrap());
    assert_eq!(result["properties"]["result"], marked(json!({ "type": "integer", "minimum": 0 })));
}

#[test]
fn arguments_are_described_as_they_are_captured() {
    let catalogue = catalogue();
    let params = params(catalogue.get("program:ways").unwrap());
    let members: Vec<_> = params["properties"].as_object().unwrap().keys().cloned().collect();
    let mut expected =
        ["q", "hidden", "email", "age", "shown", "measured", "password", "fixed", "shown_field"]
            .map(str::to_owned);
    expected.sort();
    let mut members = members;
    members.sort();
    assert_eq!(members, expected);
    assert_eq!(params["properties"]["shown"], marked(json!({ "type": "string" })), "shown by Debug");
    assert_eq!(params["properties"]["measured"], json!({}), "what a function returns");
    assert_eq!(params["properties"]["age"], marked(json!({ "type": "integer", "minimum": 0 })));
}

#[test]
fn types_that_say_it_themselves_are_exact() {
    let catalogue = catalogue();
    let ask = params(catalogue.get("program:ask").unwrap());
    let message = marked(json!({ "$ref": "#/$defs/Message" }));
    assert_eq!(ask["properties"]["messages"]["anyOf"][0]["items"], message);
    let message = &ask["$defs"]["Message"];
    let required: Vec<_> = message["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(required.contains(&"role") && !required.contains(&"calls"), "the serialize contract: {message}");
    let kinds = &ask["$defs"]["Call"];
    assert!(kinds["anyOf"].is_array() && kinds.get("oneOf").is_none(), "a marker matches several: {kinds}");
    let result = result(catalogue.get("program:exact_result").unwrap());
    assert_eq!(result["properties"]["content"]["anyOf"][0]["type"], "string", "{result}");
}

#[test]
fn types_that_the_caller_chooses_allow_anything() {
    let catalogue = catalogue();
    let call = params(catalogue.get("library:call").unwrap());
    assert_eq!(call["properties"]["argument"], json!({}));
    assert_eq!(call["properties"]["times"], marked(json!({ "type": "integer", "minimum": 0 })));
}

#[test]
fn one_name_in_two_crates_allows_either_signature() {
    let catalogue = catalogue();
    let shared = params(catalogue.get("shared:name").unwrap());
    let members: Vec<_> = shared["anyOf"].as_array().unwrap().iter().map(|of| &of["properties"]).collect();
    assert!(
        members.iter().any(|of| of["number"].is_object()) && members.iter().any(|of| of["text"].is_object())
    );
    assert!(shared["$defs"]["prefactor_marker"].is_object());
}

#[test]
fn builds_with_fat_lto_and_one_codegen_unit_have_the_same_catalogue_under_the_same_identifier() {
    let expected = printed(&catalogue());
    let plain = Command::new(env!("CARGO_BIN_EXE_catalogue")).output().unwrap();
    assert_eq!(String::from_utf8(plain.stdout).unwrap(), expected);
    let optimized = [
        "run",
        "--quiet",
        "-p",
        "prefactor-schemas",
        "--features",
        "schemas",
        "--bin",
        "catalogue",
        "--config",
        "profile.dev.lto=\"fat\"",
        "--config",
        "profile.dev.codegen-units=1",
        "--config",
        "profile.dev.opt-level=2",
        "--config",
        "profile.dev.debug=false",
        "--config",
        "profile.dev.incremental=false",
    ];
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas");
    assert_eq!(nested_cargo::run(&target, &optimized), expected);
}
